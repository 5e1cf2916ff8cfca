"""Studies of any number of slices, made from one CT image of pydicom's samples."""
import io
import random

import pydicom

SAMPLE = "/usr/lib/python3/dist-packages/pydicom/data/test_files/693_J2KI.dcm"
# Identifiers made from UUIDs stand below 2.25. Placeholders are as long as what takes their place: a slice is made by replacing bytes.
STUDY, SERIES, INSTANCE = "2.25.1{:09d}", "2.25.2{:09d}", "2.25.3000000009999999999999999"
PATIENT = "PATIENT-9999"


def template(study, patient=PATIENT):
    """One slice as bytes, with INSTANCE where its identifier stands."""
    data = pydicom.dcmread(SAMPLE)
    data.PatientID = patient
    data.StudyInstanceUID, data.SeriesInstanceUID = STUDY.format(study), SERIES.format(study)
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = INSTANCE
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, data, write_like_original=False)
    return stream.getvalue()


def with_many_tags(study):
    """One slice with about 70 KB of tags, as enhanced and private data sets have them."""
    data = pydicom.dcmread(io.BytesIO(template(study, f"BENCH{study:07d}")))
    block = data.private_block(0x0009, "BENCH", create=True)
    for number in range(240):
        block.add_new(number, "LO", f"text {number} ".ljust(60, "."))
    data.RequestAttributesSequence = pydicom.Sequence()
    for number in range(120):
        item = pydicom.Dataset()
        item.ScheduledProcedureStepDescription, item.ScheduledProcedureStepID = f"step {number}".ljust(40, "."), str(number)
        data.RequestAttributesSequence.append(item)
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, data, write_like_original=False)
    return stream.getvalue()


def slices(study, count, one=None):
    """The slices of a study, one by one, made from that of the sample or from another one."""
    one = one or template(study, f"BENCH{study:07d}")
    for number in range(count):
        yield one.replace(INSTANCE.encode(), f"{INSTANCE[:-16]}{study:08d}{number:08d}".encode())


def one(study, number, slice_of=None):
    """One more slice of a study, made from that of the sample or from another one."""
    return (slice_of or template(study, f"BENCH{study:07d}")).replace(INSTANCE.encode(), f"{INSTANCE[:-16]}{study:08d}{number:08d}".encode())


def large(study, size):
    """An instance with pixel data of so many bytes, a multiple of half a MiB, which do not repeat."""
    data = pydicom.dcmread(SAMPLE)
    data.StudyInstanceUID, data.SeriesInstanceUID = STUDY.format(study), SERIES.format(study)
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = INSTANCE[:-16] + f"{study:08d}{0:08d}"
    data.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    data.is_little_endian, data.is_implicit_VR = True, False
    generator = random.Random(study)
    data.PixelData = b"".join(generator.randbytes(1 << 19) for _ in range(size >> 19))
    data["PixelData"].VR = "OW"
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, data, write_like_original=False)
    return stream.getvalue()

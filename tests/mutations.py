#!/usr/bin/env python3
"""Breaks one behaviour of src after another, and shows that unit tests turn red. A mutation that nothing notices is a missing test.

usage: tests/mutations.py [NUMBER...]     in a clean clone or not: what is tested is the last commit, in a work tree of its own
The last line is "N passed, N failed": a mutation that was noticed has passed. About twenty seconds each."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CORE = "src/OrthancCachePlugin.Core/"

# What breaks, the file, the text that stands in it once, what takes its place, and the tests that must notice.
MUTATIONS = [
    ("a response is confirmed though the version has moved meanwhile", "Freshness/ResourceVersions.cs",
     "after.Digest == before.Digest;", "after.IsKnown;", "FreshnessTests|ResourceVersions"),
    ("a response is confirmed in the very second of a change", "Freshness/ResourceVersions.cs",
     "before.IsSettled && after.IsKnown", "after.IsKnown", "FreshnessTests|ResourceVersions"),
    ("a reported change does not move the revision", "Freshness/ChangeTracker.cs",
     "public void Changed(MutationScope scope, long now) => Move(scope, now);", "public void Changed(MutationScope scope, long now) { }",
     "FreshnessTests|ChangeTracker"),
    ("a lost sign of a change is not distrusted", "Freshness/ChangeTracker.cs",
     "        End(MutationScope.Content, now);\n    }\n\n    /// <summary>Whether a mutating request or job is running",
     "    }\n\n    /// <summary>Whether a mutating request or job is running", "ChangeTracker|Distrust"),
    ("settings that were changed and put back while a response was made are not noticed", "Freshness/ServerSettings.cs",
     " && after.Requests == before.Requests;", ";", "ServerSettings|Settings"),
    ("another version keeps the date of the one before", "Freshness/LastModifiedPolicy.cs",
     "date = isSame ? known.Date :", "date = true ? known.Date :", "LastModified|FreshnessTests"),
    ("dates from before a change of the settings stay", "Freshness/LastModifiedPolicy.cs",
     "date = Math.Max(date, since);", "", "LastModified|FreshnessTests"),
    ("a client's tag of another coding gives 304", "Http/Validators.cs",
     "var suffix = EntityTag.SuffixOf(Coding);", "var suffix = EntityTag.SuffixOf(ContentCoding.Identity);", "Validators|Serving|ResponseCache"),
    ("If-Match is not looked at", "Http/Validators.cs", "if (!IsAsDemanded(exchange))", "if (false)", "Validators|Serving|ResponseCache|Precondition"),
    ("a date that is too old gives 304", "Http/Validators.cs", "&& LastModified <= since ?", "?", "Validators|Serving|ResponseCache"),
    ("zstd is sent to who refuses it", "Http/AcceptEncoding.cs", "zstd = weight;", "zstd = Full;", "AcceptEncoding|Serving"),
    ("no-store of the client is compared with its case", "Http/FieldText.cs",
     "return Equals((equals < 0 ? directive : directive[..equals]).Trim(\" \\t\"u8), name);",
     "return (equals < 0 ? directive : directive[..equals]).Trim(\" \\t\"u8).SequenceEqual(name);", "FieldText|RequestPolicy|NoStore|CacheControl"),
    ("every request computes by itself", "Origin/SingleFlight.cs",
     "return Join(flight, key, digest, out isLeader);\n        }", "isLeader = true;\n            return new Flight(this, key.ToArray(), digest);\n        }",
     "SingleFlightTests"),
    ("two keys with one digest share a response", "Origin/SingleFlight.cs", "isLeader = !flight.Key.SequenceEqual(key);", "isLeader = false;", "SingleFlight|Flight"),
    ("the cap is not kept", "Storage/Evictor.cs",
     "engine.DiskUseAt(geometry.TailAfter(engine.TailAddress, recordSize)) + reserve <= Cap;", "Cap > 0;", "StoreFigures|StoreAdmission|TroubleTests|StoreRoundTrip"),
    ("an entry is served after its days", "Storage/EntryFormat.cs", "now - createdAt >= expiration ||", "", "EntryAge|StoreRoundTrip"),
    ("the checksum of a record is not looked at", "Storage/EntryFormat.cs", "&& RecordCodec.Verify(header, key, value[RecordCodec.HeaderSize..]);", ";",
     "RecordCodec|LoggedRecord|EntryFormat|Damage|PageCache"),
    ("a block of another place passes", "Storage/GuardedSegments.cs", "storeId ^ ((ulong)address * 0x9E37_79B9_7F4A_7C15)", "storeId", "GuardedSegments|Golden|Trouble"),
    ("a completion of FASTER that throws ends the process", "Storage/GuardedDevice.cs",
     "            catch (Exception e)\n            {\n                failed(e);\n            }", "            finally\n            {\n            }", "ThreadFault|StoreFault"),
    ("what was computed before a purge is stored after it", "Storage/RemovalLog.cs", "if (position > since && keys.Match(key))", "if (false)", "RemovalLog|StoreRemoval"),
    ("purging everything looks at every entry", "Storage/FasterEntryStore.cs",
     "keys.AreAll ? session.RemoveAll(expired, out removed) : session.Remove(", "session.Remove(", "StoreRemoval|Purg"),
    ("a second Dispose frees the buffer of another request", "Storage/SharedBuffer.cs",
     "private static bool IsAlive(ulong state, uint turn) => state >> 32 == turn && (uint)state != 0;",
     "private static bool IsAlive(ulong state, uint turn) => (uint)state != 0;", "SharedBuffer"),
    ("a budget is never given back", "Storage/SharedBuffer.cs", "_budget?.Give(_taken);\n            _memory = null;", "_memory = null;", "SharedBuffer|MemoryBudget"),
    ("of equal names the lowest tag is kept", "Tags/TagText.cs",
     "order[low] = entry;\n                continue;", "continue;", "TagText"),
    ("an instance that was overwritten keeps its old tags", "Tags/DerivedTags.cs",
     "files.TryGetValue(document.Instance, out var file) && file == document.File;", "files.ContainsKey(document.Instance);", "DerivedTags"),
    ("shared tags are made without a child that cannot be read", "Tags/DerivedTags.cs", "!TryFetch(index))\n                {\n                    _hasFailed = true;", "!TryFetch(index))\n                {\n                    return;", "DerivedTags"),
    ("tags that were derived wrongly are still confirmed", "Tags/TagsCheck.cs",
     "var fingerprint = Digest128.Combine(settings.Fingerprint, mark.Build);", "var fingerprint = settings.Fingerprint;", "DerivedTags"),
    ("an archive that broke off is confirmed", "Archives/ArchiveGeneration.cs", "if (isBroken)", "if (false)", "ArchiveGeneration"),
    ("a warm-up that failed is not tried again", "WarmUp/Warmer.cs",
     "return outcome is WarmUpOutcome.Unsettled or WarmUpOutcome.Failed && !api.Exists(resource) ? WarmUpOutcome.Deleted : outcome;",
     "return outcome is WarmUpOutcome.Unsettled or WarmUpOutcome.Failed ? WarmUpOutcome.Deleted : outcome;", "Warm"),
]


def run(command, tree):
    """What it says; where it does not end, that it was ended."""
    process = subprocess.Popen(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        return process.communicate(timeout=300)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()[0] + "\nTest Run Aborted."


def test(tree, names):
    expression = "|".join("FullyQualifiedName~" + name for name in names.split("|"))
    return run(["dotnet", "test", "tests/OrthancCachePlugin.Tests", "-c", "Release", "--nologo", "-p:TreatWarningsAsErrors=false", "-p:WarningLevel=0",
                "-p:RunAnalyzers=false", "--filter", expression], tree)


def main():
    chosen = [int(a) for a in sys.argv[1:]] or range(1, len(MUTATIONS) + 1)
    work = tempfile.mkdtemp(prefix="orthanc-response-cache-mutations.")
    tree = os.path.join(work, "tree")
    passed = failed = 0
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", tree], cwd=ROOT, check=True)
    try:
        for number in chosen:
            title, name, before, after, tests = MUTATIONS[number - 1]
            path = os.path.join(tree, CORE, name)
            with open(path, encoding="utf-8") as file:
                original = file.read()
            if original.count(before) != 1:
                verdict = f"the text stands {original.count(before)} times in {name}"
            else:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(original.replace(before, after))
                result = test(tree, tests)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(original)
                count = re.search(r"Failed: +(\d+)", result)
                crashed = "Test host process crashed" in result or "Test Run Aborted" in result
                if " error CS" in result:
                    verdict = "does not build: " + next(line for line in result.splitlines() if " error CS" in line)
                elif crashed or (count and int(count[1]) > 0):
                    verdict = ""
                elif count is None and "Passed!" not in result:
                    verdict = "no test ran: " + result[-500:]
                else:
                    verdict = "nothing noticed"
            red = "" if verdict else "the process of the tests ended" if crashed else f"{count[1]} red"
            print(f"{'ok    ' if not verdict else 'FAILED'} {number:2} {title}: {red or verdict}", flush=True)
            passed, failed = passed + (not verdict), failed + bool(verdict)
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=False)
        shutil.rmtree(work, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()

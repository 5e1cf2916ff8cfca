-- wrk: uploads slices that differ in their SOPInstanceUID, and where UPLOAD_PATIENTS is set each of a patient of its own.
-- UPLOAD_TEMPLATE names the file of one slice, UPLOAD_INSTANCE and UPLOAD_PATIENT what stands in it for the two, UPLOAD_FIRST the first number.
dofile(os.getenv("WRK_LUA") .. "/report.lua")

local template, instance, patient, number = "", "", nil, 0

local function replace(text, old, new)
  local parts, from = {}, 1
  while true do
    local first, last = text:find(old, from, true)
    if not first then break end
    parts[#parts + 1] = text:sub(from, first - 1)
    from = last + 1
  end
  parts[#parts + 1] = text:sub(from)
  return table.concat(parts, new)
end

function init()
  local file = assert(io.open(os.getenv("UPLOAD_TEMPLATE"), "rb"))
  template = file:read("*a")
  file:close()
  instance = os.getenv("UPLOAD_INSTANCE")
  patient = os.getenv("UPLOAD_PATIENT")
  number = tonumber(os.getenv("UPLOAD_FIRST"))
end

function request()
  number = number + 1
  -- Same length as the placeholder: nothing else in the file moves.
  local digits = string.format("%016d", number)
  local uid = instance:sub(1, #instance - 16) .. digits
  local body = replace(template, instance, uid)
  if patient then body = replace(body, patient, string.format("P%0" .. (#patient - 1) .. "d", number)) end
  return wrk.format("POST", "/instances", { ["Content-Type"] = "application/dicom" }, body)
end

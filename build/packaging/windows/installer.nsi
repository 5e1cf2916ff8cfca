; Puts the response cache where Orthanc's own installer has its plugins, and takes it away again.
;   makensis -DVERSION=1.2.3 -DDLL=OrthancResponseCache.dll -DCONFIGURATION=response-cache.json -DLICENCE=LICENSE -DNOTICES=NOTICES -DOUTPUT=setup.exe installer.nsi
; Silent: setup.exe /S [/D=C:\Program Files\Orthanc Server]   and   "...\Plugins\uninstall-response-cache.exe" /S

Unicode true
!ifdef TARGET
  Target ${TARGET}
!endif
!include "LogicLib.nsh"
!include "x64.nsh"

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\OrthancResponseCache"
!define SERVICE "Orthanc"

Name "Orthanc response cache ${VERSION}"
OutFile "${OUTPUT}"
RequestExecutionLevel admin
SetCompressor /SOLID lzma
LicenseData "${LICENCE}"
InstallDir "$PROGRAMFILES64\Orthanc Server"
InstallDirRegKey HKLM "${KEY}" "OrthancLocation"
DirText "The directory of Orthanc, with the directories Plugins and Configuration in it."
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Orthanc response cache"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Response cache plugin for Orthanc"
VIAddVersionKey "LegalCopyright" "GPL-3.0-or-later"
Page license
Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

; Windows keeps a library that is loaded from being replaced.
!macro StopOrthanc
  nsExec::Exec 'net stop "${SERVICE}"'
  Pop $R9 ; 0 where it was running
!macroend
!macro StartOrthanc
  ${If} $R9 == 0
    nsExec::Exec 'net start "${SERVICE}"'
    Pop $R8
  ${EndIf}
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "The plugin is for 64-bit Windows." /SD IDOK
    Abort
  ${EndIf}
  SetRegView 64
  SetShellVarContext all
FunctionEnd
Function un.onInit
  SetRegView 64
  SetShellVarContext all
FunctionEnd

Section
  !insertmacro StopOrthanc
  SetOutPath "$INSTDIR\Plugins"
  ClearErrors
  File "/oname=OrthancResponseCache.dll" "${DLL}"
  ${If} ${Errors}
    SetErrorLevel 2
    Abort "OrthancResponseCache.dll is in use: stop Orthanc first."
  ${EndIf}
  SetOutPath "$INSTDIR\Configuration"
  ; What somebody has edited stays.
  ${If} ${FileExists} "$INSTDIR\Configuration\response-cache.json"
    File "/oname=response-cache.json.new" "${CONFIGURATION}"
  ${Else}
    File "/oname=response-cache.json" "${CONFIGURATION}"
  ${EndIf}
  SetOutPath "$INSTDIR\Plugins"
  File "/oname=OrthancResponseCache-LICENSE.txt" "${LICENCE}"
  File "/oname=OrthancResponseCache-NOTICES.txt" "${NOTICES}"
  WriteUninstaller "$INSTDIR\Plugins\uninstall-response-cache.exe"
  WriteRegStr HKLM "${KEY}" "DisplayName" "Orthanc response cache"
  WriteRegStr HKLM "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${KEY}" "OrthancLocation" "$INSTDIR"
  WriteRegStr HKLM "${KEY}" "UninstallString" '"$INSTDIR\Plugins\uninstall-response-cache.exe"'
  WriteRegDWORD HKLM "${KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${KEY}" "NoRepair" 1
  !insertmacro StartOrthanc
SectionEnd

Section "Uninstall"
  ReadRegStr $R0 HKLM "${KEY}" "OrthancLocation"
  ${If} $R0 == ""
    SetErrorLevel 2
    Abort "It is not known where Orthanc is."
  ${EndIf}
  !insertmacro StopOrthanc
  Delete "$R0\Plugins\OrthancResponseCache.dll"
  Delete "$R0\Plugins\OrthancResponseCache-LICENSE.txt"
  Delete "$R0\Plugins\OrthancResponseCache-NOTICES.txt"
  Delete "$R0\Configuration\response-cache.json"
  Delete "$R0\Configuration\response-cache.json.new"
  Delete "$R0\Plugins\uninstall-response-cache.exe"
  ; The responses in the default directory hold patient data. Our own files go, and the directory where nothing else is in it.
  Delete "$APPDATA\Orthanc\cache\segment-*.log"
  Delete "$APPDATA\Orthanc\cache\segment-*.crc"
  Delete "$APPDATA\Orthanc\cache\checkpoint.bin"
  Delete "$APPDATA\Orthanc\cache\checkpoint.tmp"
  Delete "$APPDATA\Orthanc\cache\settings.bin"
  Delete "$APPDATA\Orthanc\cache\settings.tmp"
  Delete "$APPDATA\Orthanc\cache\archives.bin"
  Delete "$APPDATA\Orthanc\cache\archives.tmp"
  Delete "$APPDATA\Orthanc\cache\tags.bin"
  Delete "$APPDATA\Orthanc\cache\tags.tmp"
  Delete "$APPDATA\Orthanc\cache\recovering"
  Delete "$APPDATA\Orthanc\cache\owner"
  Delete "$APPDATA\Orthanc\cache\lock"
  RMDir "$APPDATA\Orthanc\cache"
  DeleteRegKey HKLM "${KEY}"
  !insertmacro StartOrthanc
SectionEnd

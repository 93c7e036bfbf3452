; The installer of FieldPay. package.sh defines VERSION, FOUR_PART, ARCH (amd64 or
; arm64), FILES (folder with the programs), WEBVIEW (Microsoft's bootstrapper),
; LICENSE, THIRD (the licenses of others), OUTPUT and, where it signs, SIGN (a program that signs a file).
;
;   setup.exe             for this person, without administrator rights
;   setup.exe /ALLUSERS   for everybody on this computer (run as administrator)
;   /S                    no questions
;   /NOWEBVIEW            leave WebView2 to somebody else
;   /WAIT                 wait up to a minute until FieldPay is closed
;   /RUN                  open FieldPay afterwards
;   /D=FOLDER             where to (last, without quotes)
;   uninstall.exe [/S] [/FORCE]
;
; Exit codes: 0 done, 1 ended by the person, 2 Windows is too old or the computer
; of another kind, 3 unsent work (uninstaller, with /S and without /FORCE),
; 5 FieldPay is open, 740 administrator rights are missing.
;
; With FIELDPAY_SETUP_EXTRACT set to a folder the programs are put there, and
; nothing else is done: so FieldPay tries a new version before it installs it.
;
; No person's data is ever touched: %APPDATA%\fieldpay outlives everything here.
Unicode true
SetCompressor /SOLID lzma
SetDateSave off
RequestExecutionLevel user
ManifestDPIAware true
ManifestSupportedOS Win10

!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh
!include WinVer.nsh
!include x64.nsh

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\FieldPay"
; Under these names Microsoft's updater keeps the version of the WebView2 runtime.
!define EDGE "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"

Name FieldPay
OutFile "${OUTPUT}"
BrandingText "FieldPay ${VERSION}"
VIProductVersion ${FOUR_PART}
VIAddVersionKey ProductName FieldPay
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${FOUR_PART}"
VIAddVersionKey FileDescription "FieldPay installer"
VIAddVersionKey LegalCopyright "Licensed under Apache-2.0"
!ifdef SIGN
	!uninstfinalize '"${SIGN}" "%1"' = 0
	!finalize '"${SIGN}" "%1"' = 0
!endif

Var AllUsers

!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_LICENSE "${LICENSE}"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\fieldpay.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

; Ends with a sentence (unless silent) and an exit code.
!macro End CODE TEXT
	MessageBox MB_OK|MB_ICONSTOP "${TEXT}" /SD IDOK
	SetErrorLevel ${CODE}
	Quit
!macroend

; Chooses registry, shortcuts and default folder for one person or everybody.
!macro Scope
	SetRegView 64
	${If} $AllUsers == 1
		SetShellVarContext all
		UserInfo::GetAccountType
		Pop $0
		${If} $0 != Admin
			!insertmacro End 740 "FieldPay for everybody on this computer needs administrator rights."
		${EndIf}
	${Else}
		SetShellVarContext current
	${EndIf}
!macroend

; Windows keeps a running program from being opened for writing.
!macro WaitUntilClosed UN
Function ${UN}WaitUntilClosed
	StrCpy $2 0
	${GetParameters} $1
	ClearErrors
	${GetOptions} $1 "/WAIT" $0
	${IfNot} ${Errors}
		StrCpy $2 120 ; halves of a second
	${EndIf}
	again:
	${If} ${FileExists} "$INSTDIR\fieldpay.exe"
		ClearErrors
		FileOpen $0 "$INSTDIR\fieldpay.exe" a
		${If} ${Errors}
			${If} $2 > 0
				IntOp $2 $2 - 1
				Sleep 500
				Goto again
			${EndIf}
			MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "FieldPay is open. Close it, then try again." /SD IDCANCEL IDRETRY again
			SetErrorLevel 5
			Quit
		${EndIf}
		FileClose $0
	${EndIf}
FunctionEnd
!macroend
!insertmacro WaitUntilClosed ""
!insertmacro WaitUntilClosed "un."

Function .onInit
	${IfNot} ${AtLeastWin10}
		!insertmacro End 2 "FieldPay needs Windows 10 or newer."
	${EndIf}
	!if ${ARCH} == arm64
		${IfNot} ${IsNativeARM64}
			!insertmacro End 2 "This installer is for ARM64. Take the one for amd64."
		${EndIf}
	!else
		${IfNot} ${RunningX64}
			!insertmacro End 2 "FieldPay needs a 64-bit Windows."
		${EndIf}
	!endif
	ReadEnvStr $0 FIELDPAY_SETUP_EXTRACT
	${If} $0 != ""
		SetOutPath "$0"
		File "${FILES}/fieldpay.exe"
		File "${FILES}/fieldpayctl.exe"
		SetErrorLevel 0
		Quit
	${EndIf}
	StrCpy $AllUsers 0
	${GetParameters} $1
	ClearErrors
	${GetOptions} $1 "/ALLUSERS" $2
	${IfNot} ${Errors}
		StrCpy $AllUsers 1
	${EndIf}
	!insertmacro Scope
	${If} $INSTDIR == ""
		ReadRegStr $INSTDIR SHCTX "${KEY}" InstallLocation
	${EndIf}
	${If} $INSTDIR == ""
		${If} $AllUsers == 1
			StrCpy $INSTDIR "$PROGRAMFILES64\FieldPay"
		${Else}
			StrCpy $INSTDIR "$LOCALAPPDATA\Programs\FieldPay"
		${EndIf}
	${EndIf}
FunctionEnd

Section FieldPay
	Call WaitUntilClosed
	SetOutPath $INSTDIR
	File "${FILES}/fieldpay.exe"
	File "${FILES}/fieldpayctl.exe"
	File "${LICENSE}"
	File "${THIRD}"
	WriteUninstaller "$INSTDIR\uninstall.exe"
	CreateShortcut "$SMPROGRAMS\FieldPay.lnk" "$INSTDIR\fieldpay.exe"
	WriteRegStr SHCTX "${KEY}" DisplayName FieldPay
	WriteRegStr SHCTX "${KEY}" DisplayVersion "${VERSION}"
	WriteRegStr SHCTX "${KEY}" Publisher FieldPay
	WriteRegStr SHCTX "${KEY}" DisplayIcon "$INSTDIR\fieldpay.exe"
	WriteRegStr SHCTX "${KEY}" InstallLocation "$INSTDIR"
	WriteRegDWORD SHCTX "${KEY}" NoModify 1
	WriteRegDWORD SHCTX "${KEY}" NoRepair 1
	${If} $AllUsers == 1
		WriteRegStr SHCTX "${KEY}" UninstallString '"$INSTDIR\uninstall.exe" /ALLUSERS'
		WriteRegStr SHCTX "${KEY}" QuietUninstallString '"$INSTDIR\uninstall.exe" /ALLUSERS /S'
	${Else}
		WriteRegStr SHCTX "${KEY}" UninstallString '"$INSTDIR\uninstall.exe"'
		WriteRegStr SHCTX "${KEY}" QuietUninstallString '"$INSTDIR\uninstall.exe" /S'
	${EndIf}
	${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
	WriteRegDWORD SHCTX "${KEY}" EstimatedSize $0
	Call WebView
	${GetParameters} $1
	ClearErrors
	${GetOptions} $1 "/RUN" $2
	${IfNot} ${Errors}
		Exec '"$INSTDIR\fieldpay.exe"'
	${EndIf}
SectionEnd

; The window shows its screens in WebView2, which Windows 11 has and a
; Windows 10 may lack. Where it cannot be installed, FieldPay says so itself.
Function WebView
	${GetParameters} $1
	ClearErrors
	${GetOptions} $1 "/NOWEBVIEW" $2
	${IfNot} ${Errors}
		Return
	${EndIf}
	SetRegView 32
	ReadRegStr $0 HKLM "SOFTWARE\${EDGE}" pv
	SetRegView 64
	${If} $0 == ""
		ReadRegStr $0 HKCU "Software\${EDGE}" pv
	${EndIf}
	${If} $0 != ""
	${AndIf} $0 != "0.0.0.0"
		Return
	${EndIf}
	DetailPrint "Installing Microsoft WebView2 (from the network)"
	InitPluginsDir
	File "/oname=$PLUGINSDIR\webview2.exe" "${WEBVIEW}"
	ExecWait '"$PLUGINSDIR\webview2.exe" /silent /install' $0
	${If} $0 != 0
		DetailPrint "WebView2 was not installed ($0). FieldPay opens once it is there."
	${EndIf}
FunctionEnd

Function un.onInit
	StrCpy $AllUsers 0
	${GetParameters} $1
	ClearErrors
	${GetOptions} $1 "/ALLUSERS" $2
	${IfNot} ${Errors}
		StrCpy $AllUsers 1
	${EndIf}
	!insertmacro Scope
	Call un.AskAboutUnsent
FunctionEnd

; Looks into the journal of the person who removes FieldPay. What cannot be read
; counts as unsent. Other people's journals cannot be read from here.
Function un.AskAboutUnsent
	${GetParameters} $1
	ClearErrors
	${GetOptions} $1 "/FORCE" $2
	${IfNot} ${Errors}
		Return
	${EndIf}
	ReadEnvStr $3 FIELDPAY_DATA_DIR
	${If} $3 == ""
		ReadEnvStr $3 APPDATA
		StrCpy $3 "$3\fieldpay\data"
	${EndIf}
	${IfNot} ${FileExists} "$3\*.*"
		Return
	${EndIf}
	; Through a file: the status may be longer than a string here.
	InitPluginsDir
	ReadEnvStr $4 COMSPEC
	nsExec::Exec '"$4" /c ""$INSTDIR\fieldpayctl.exe" status --json >"$PLUGINSDIR\status.json""'
	Pop $0
	${If} $0 == 0
		nsExec::Exec '"$4" /c "find """unsent"":{""count"":0," "$PLUGINSDIR\status.json""'
		Pop $0
		${If} $0 == 0
			Return
		${EndIf}
	${EndIf}
	MessageBox MB_YESNO|MB_ICONEXCLAMATION|MB_DEFBUTTON2 "There may be work on this computer that was not sent yet. It stays in$\r$\n$3$\r$\nbut nothing sends it until FieldPay is installed again.$\r$\n$\r$\nRemove FieldPay all the same?" /SD IDNO IDYES go
	SetErrorLevel 3
	Quit
	go:
FunctionEnd

Section Uninstall
	Call un.WaitUntilClosed
	Delete "$INSTDIR\fieldpay.exe"
	Delete "$INSTDIR\fieldpayctl.exe"
	Delete "$INSTDIR\LICENSE"
	Delete "$INSTDIR\THIRD-PARTY-NOTICES"
	Delete "$INSTDIR\uninstall.exe"
	RMDir "$INSTDIR"
	Delete "$SMPROGRAMS\FieldPay.lnk"
	DeleteRegKey SHCTX "${KEY}"
SectionEnd

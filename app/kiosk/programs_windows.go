package kiosk

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// programs lists the names of everything that runs.
func programs() ([]string, error) {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return nil, fmt.Errorf("listing the programs: %w", err)
	}
	defer func() { _ = windows.CloseHandle(snapshot) }() // it was only read
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	var names []string
	for err = windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		names = append(names, windows.UTF16ToString(entry.ExeFile[:]))
	}
	if !errors.Is(err, windows.ERROR_NO_MORE_FILES) {
		return nil, fmt.Errorf("listing the programs: %w", err)
	}
	return names, nil
}

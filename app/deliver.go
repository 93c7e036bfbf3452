package app

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"fieldpay/action"
)

// FileDTO is a file for a person. Where the host has a folder for it, Path says
// where it lies; else Content is for the browser to keep, in base64.
type FileDTO struct {
	Name      string `json:"name"`
	MediaType string `json:"mediaType"`
	Content   string `json:"content"`
	Path      string `json:"path"`
}

// maxNames is how often another name is tried for a file that exists.
const maxNames = 1000

// deliver gives a file to the person: into the folder of downloads, or to the
// page where the page is a browser's.
func (a *App) deliver(name, mediaType string, content []byte) (FileDTO, error) {
	out := FileDTO{Name: name, MediaType: mediaType}
	if a.options.Downloads == "" {
		out.Content = base64.StdEncoding.EncodeToString(content)
		return out, nil
	}
	path, err := writeNew(a.options.Downloads, name, content)
	if err != nil {
		return FileDTO{}, err
	}
	out.Path, out.Name = path, filepath.Base(path)
	return out, nil
}

// writeNew writes a file under its name, or under one with a number where that
// is taken: nothing is overwritten.
func writeNew(folder, name string, content []byte) (string, error) {
	const op = "writing a file for a person"
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", &action.Error{Code: action.StorageFailed, Op: op, Cause: err}
	}
	stem, extension := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name)
	for n := 1; n <= maxNames; n++ {
		path := filepath.Join(folder, name)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			name = stem + " (" + strconv.Itoa(n+1) + ")" + extension
			continue
		}
		if err == nil {
			_, err = f.Write(content)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return "", &action.Error{Code: action.StorageFailed, Op: op, Cause: err}
		}
		return path, nil
	}
	return "", &action.Error{Code: action.StorageFailed, Op: op, Cause: fmt.Errorf("%d files of that name", maxNames)}
}

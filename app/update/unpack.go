package update

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxUnpacked limits what an archive unfolds to.
const maxUnpacked = 1 << 30

// unpack unfolds an archive into a folder. The archive was signed; that it stays
// in its folder is checked all the same.
func unpack(archive, folder string) error {
	if err := unfold(archive, folder); err != nil {
		return storageFailed("unpacking a version", err)
	}
	return nil
}

func unfold(archive, folder string) error {
	in, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer in.Close()
	text, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	files, left := tar.NewReader(text), int64(maxUnpacked)
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if left -= h.Size; left < 0 || h.Size < 0 {
			return errors.New("the archive is larger than a version of FieldPay can be")
		}
		if err := unfoldOne(root, h, files); err != nil {
			return err
		}
	}
}

func unfoldOne(root *os.Root, h *tar.Header, content io.Reader) error {
	name := filepath.FromSlash(h.Name)
	switch h.Typeflag {
	case tar.TypeDir:
		return root.MkdirAll(filepath.Clean(name), 0o755)
	case tar.TypeReg:
	default:
		return fmt.Errorf("the archive has more than files and folders: %q", h.Name)
	}
	out, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, os.FileMode(h.Mode)&0o755|0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyN(out, content, h.Size)
	return errors.Join(err, out.Sync(), out.Close())
}

package sealed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"fieldpay/action"
	"fieldpay/internal/sealed"
)

func options(dir string) sealed.Options {
	return sealed.Options{Path: filepath.Join(dir, "box"), Key: bytes.Repeat([]byte{1}, sealed.KeySize), Purpose: "test"}
}

func file(t *testing.T, o sealed.Options) *sealed.File {
	t.Helper()
	f, err := sealed.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func put(t *testing.T, f *sealed.File, content string) {
	t.Helper()
	if err := f.Update(t.Context(), func([]byte) ([]byte, error) { return []byte(content), nil }); err != nil {
		t.Fatal(err)
	}
}

func TestNew_RefusesWhatCannotWork(t *testing.T) {
	for name, spoil := range map[string]func(*sealed.Options){
		"no path":     func(o *sealed.Options) { o.Path = "" },
		"no purpose":  func(o *sealed.Options) { o.Purpose = "" },
		"a short key": func(o *sealed.Options) { o.Key = o.Key[:16] },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t.TempDir())
			spoil(&o)
			if _, err := sealed.New(o); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

func TestFile_KeepsContent(t *testing.T) {
	o := options(t.TempDir())
	for _, content := range []string{"first", "", "second, longer than the first"} {
		put(t, file(t, o), content)
		if got, err := file(t, o).Load(t.Context()); string(got) != content || err != nil || got == nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestFile_Load_TellsWhyItCannot(t *testing.T) {
	t.Run("there is none", func(t *testing.T) {
		if _, err := file(t, options(t.TempDir())).Load(t.Context()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	spoilt := map[string]func(t *testing.T, o *sealed.Options){
		"another key":     func(_ *testing.T, o *sealed.Options) { o.Key = bytes.Repeat([]byte{2}, sealed.KeySize) },
		"another purpose": func(_ *testing.T, o *sealed.Options) { o.Purpose = "other" },
		"a cut file": func(t *testing.T, o *sealed.Options) {
			change(t, o.Path, func(b []byte) []byte { return b[:len(b)-1] })
		},
		"a flipped bit": func(t *testing.T, o *sealed.Options) {
			change(t, o.Path, func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
		},
		"an empty file": func(t *testing.T, o *sealed.Options) { change(t, o.Path, func([]byte) []byte { return nil }) },
		"another format": func(t *testing.T, o *sealed.Options) {
			change(t, o.Path, func(b []byte) []byte { b[0] ^= 1; return b })
		},
	}
	for name, spoil := range spoilt {
		t.Run(name, func(t *testing.T) {
			o := options(t.TempDir())
			put(t, file(t, o), "content")
			spoil(t, &o)
			if _, err := file(t, o).Load(t.Context()); !errors.Is(err, sealed.ErrUnreadable) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func change(t *testing.T, path string, how func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, how(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFile_Update_LosesNoChangeOfAnotherProcess(t *testing.T) {
	o := options(t.TempDir())
	var writers sync.WaitGroup
	for range 4 {
		f := file(t, o)
		writers.Go(func() {
			for range 10 {
				err := f.Update(t.Context(), func(old []byte) ([]byte, error) {
					n, _ := strconv.Atoi(string(old))
					return []byte(strconv.Itoa(n + 1)), nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if got, err := file(t, o).Load(t.Context()); string(got) != "40" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestFile_Update_ChangesNothingWhenItFails(t *testing.T) {
	f, failed := file(t, options(t.TempDir())), errors.New("no")
	put(t, f, "content")
	if err := f.Update(t.Context(), func([]byte) ([]byte, error) { return nil, failed }); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	if got, err := f.Load(t.Context()); string(got) != "content" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestWriteFile(t *testing.T) {
	t.Run("leaves nothing else behind", func(t *testing.T) {
		dir := t.TempDir()
		for _, content := range []string{"one", "two"} {
			if err := sealed.WriteFile(filepath.Join(dir, "file"), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != 1 {
			t.Errorf("%v, %v", files, err)
		}
	})
	t.Run("says in a code that the disk does not take it", func(t *testing.T) {
		err := sealed.WriteFile(filepath.Join(t.TempDir(), "no such folder", "file"), nil, 0o600)
		if action.CodeOf(err) != action.StorageFailed {
			t.Errorf("got %v", err)
		}
	})
}

func FuzzFile_Load(f *testing.F) {
	o := options(f.TempDir())
	box, err := sealed.New(o)
	if err != nil {
		f.Fatal(err)
	}
	if err := box.Update(f.Context(), func([]byte) ([]byte, error) { return []byte("content"), nil }); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(o.Path)
	if err != nil {
		f.Fatal(err)
	}
	// What is good differs from process to process, and a fuzz test runs in
	// several: the input is how it is changed.
	f.Add(uint16(len(good)), []byte{})
	f.Add(uint16(20), []byte{})
	f.Add(uint16(len(good)), []byte{1, 0, 128})
	f.Fuzz(func(t *testing.T, length uint16, change []byte) {
		bytesOnDisk := bytes.Clone(good[:min(int(length), len(good))])
		for i, b := range change {
			if i < len(bytesOnDisk) {
				bytesOnDisk[i] ^= b
			} else {
				bytesOnDisk = append(bytesOnDisk, b)
			}
		}
		if err := os.WriteFile(o.Path, bytesOnDisk, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := box.Load(t.Context())
		if err == nil && !bytes.Equal(bytesOnDisk, good) {
			t.Errorf("forged content %q was taken", got)
		}
		if err != nil && !errors.Is(err, sealed.ErrUnreadable) {
			t.Error(err)
		}
	})
}

func ExampleFile_Update() {
	dir, err := os.MkdirTemp("", "sealed")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	f, err := sealed.New(options(dir))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	for range 2 {
		if err := f.Update(ctx, func(old []byte) ([]byte, error) { return append(old, "note; "...), nil }); err != nil {
			fmt.Println(err)
			return
		}
	}
	content, err := f.Load(ctx)
	fmt.Println(string(content), err)
	// Output: note; note;  <nil>
}

package update

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/internal/release"
)

// Install fetches the newest version that is known, has it look at a copy of the
// journal, copies the journal aside and installs. watch hears how many bytes of
// it are here. ready is asked once more right before the programs are replaced:
// its error stops the installation, which can be taken up again later.
//
// When it returns without an error, the new version is there (an archive) or will
// be as soon as this program has ended (a setup): the program should end then.
func (u *Updater) Install(ctx context.Context, watch func(done, total int64), ready func() error) error {
	m, file, err := u.chosen()
	if err != nil {
		return err
	}
	lock := flock.New(filepath.Join(u.o.DataDir, "update.lock"))
	if mine, err := lock.TryLock(); err != nil || !mine {
		return &action.Error{Code: action.Busy, Message: "A new version is being installed already", Op: "installing a version", Cause: err}
	}
	defer func() { _ = lock.Close() }() // the lock ends with its descriptor
	whole, err := u.fetch(ctx, m.Version, file, watch)
	if err != nil {
		return err
	}
	staged, err := u.stage(ctx, whole, file)
	if err != nil {
		return err
	}
	if err := u.rehearse(ctx, staged, m.Version); err != nil {
		return err
	}
	if err := ready(); err != nil {
		return err
	}
	u.o.Logger.Info().Str("version", m.Version).Msg("installing")
	return u.apply(ctx, whole, staged, m.Version)
}

// chosen is the version to install, judged anew.
func (u *Updater) chosen() (release.Manifest, release.File, error) {
	u.mu.Lock()
	kept := u.recall()
	u.mu.Unlock()
	none := &action.Error{Code: action.NotPossible, Message: "There is no newer version to install", Op: "installing a version"}
	if u.off() || kept.Manifest == "" {
		return release.Manifest{}, release.File{}, none
	}
	m, err := u.judge(bffclient.SignedRelease{Manifest: kept.Manifest, Signature: kept.Signature}, kept.Highest)
	if err != nil {
		return m, release.File{}, err
	}
	if release.Compare(m.Version, u.o.Version) <= 0 {
		return m, release.File{}, none
	}
	file, why := u.fitting(m)
	if why != "" {
		return m, file, &action.Error{Code: action.NotPossible, Message: why, Op: "installing a version"}
	}
	return m, file, nil
}

// stage unpacks the programs into a folder of their own and returns the one that
// holds them.
func (u *Updater) stage(ctx context.Context, whole string, file release.File) (string, error) {
	folder := u.path("stage")
	if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o700)); err != nil {
		return "", storageFailed("unpacking a version", err)
	}
	if file.Kind == release.Setup {
		// Not as an argument: a setup reads folders with blanks in them its own way.
		if _, err := output(ctx, []string{"FIELDPAY_SETUP_EXTRACT=" + folder}, whole, "/S"); err != nil {
			return "", refuse("The new version could not be unpacked", err)
		}
		return folder, nil
	}
	if err := unpack(whole, folder); err != nil {
		return "", err
	}
	return filepath.Join(folder, strings.TrimSuffix(file.Name, ".tar.gz")), nil
}

// rehearse has the new build say, on a copy, that it can go on with the journal.
// The copy that stays aside is made from the same moment.
func (u *Updater) rehearse(ctx context.Context, staged, version string) error {
	console := filepath.Join(staged, "fieldpayctl"+executableEnding)
	if said, err := output(ctx, nil, console, "--version"); err != nil || strings.TrimSpace(said) != "fieldpayctl "+version {
		return refuse("The new version does not run on this computer", fmt.Errorf("it said %q: %w", said, err))
	}
	kept, err := u.snapshot(ctx)
	if err != nil {
		return err
	}
	folder := u.path("rehearsal")
	if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o700)); err != nil {
		return storageFailed("copying the journal", err)
	}
	defer func() { _ = os.RemoveAll(folder) }() // the next one clears it too
	for _, name := range []string{"key.json", "device.sealed"} {
		if err := copyFile(filepath.Join(folder, name), filepath.Join(u.o.DataDir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return storageFailed("copying the journal", err)
		}
	}
	if err := copyFile(filepath.Join(folder, "journal.db"), kept); err != nil {
		return storageFailed("copying the journal", err)
	}
	said, err := output(ctx, nil, console, "--data-dir", folder, "journal", "check-replay")
	if err != nil {
		return &action.Error{
			Code: action.NotPossible, Op: "trying the new version", Cause: fmt.Errorf("it said %q: %w", said, err),
			Message: "The new version cannot go on with what is unsent here. It was not installed; send everything first",
		}
	}
	return nil
}

// apply replaces the programs.
func (u *Updater) apply(ctx context.Context, whole, staged, version string) error {
	if u.o.Installed.Kind == release.Setup {
		return startSetup(whole, "/S", "/WAIT", "/RUN")
	}
	// From here on it is taken to its end: install.sh replaces file by file.
	ctx = context.WithoutCancel(ctx)
	if _, err := output(ctx, nil, filepath.Join(staged, "install.sh"), "--prefix", u.o.Installed.Prefix); err != nil {
		return &action.Error{Code: action.StorageFailed, Message: "The new version could not be installed", Op: "installing a version", Cause: err}
	}
	said, err := output(ctx, nil, filepath.Join(u.o.Installed.Prefix, "bin", "fieldpayctl"), "--version")
	if err != nil || strings.TrimSpace(said) != "fieldpayctl "+version {
		return &action.Error{Code: action.StorageFailed, Message: "The new version could not be installed", Op: "installing a version",
			Cause: fmt.Errorf("the console says %q: %w", said, err)}
	}
	return u.Clear()
}

// maxSaid is how much of what a program says is kept for an error.
const maxSaid = 400

// output runs a program of the release to its end, with more in its environment.
func output(ctx context.Context, environment []string, program string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, program, args...) // #nosec G204 -- a program of a release whose hash was signed
	c.Env = append(os.Environ(), environment...)
	said, err := c.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("running %s: %w", filepath.Base(program), err)
	}
	return string(said[:min(len(said), maxSaid)]), err
}

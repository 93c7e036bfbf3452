package app_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/app/policy"
)

func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestConfigure_IdleLock(t *testing.T) {
	t.Run("a time that is none is refused and not overlooked", func(t *testing.T) {
		for _, text := range []string{"soon", "5", "-60", "86401"} {
			_, err := app.Configure(app.Flags{DataDir: t.TempDir()}, environment(map[string]string{app.IdleLockVar: text}))
			if action.CodeOf(err) != action.BadRequest {
				t.Errorf("%q: got %v", text, err)
			}
		}
	})
	t.Run("the company's word counts before the environment's", func(t *testing.T) {
		config, err := app.Configure(app.Flags{DataDir: t.TempDir()}, environment(map[string]string{app.IdleLockVar: "600"}))
		if err != nil {
			t.Fatal(err)
		}
		config = config.Under(policy.Found{Policy: policy.Policy{IdleLock: 60, Kiosk: true, PIN: policy.PINRequired}})
		want := app.Setting{Value: "60", Source: app.FromPolicy}
		if config.IdleLock != want || config.Kiosk.Value != "true" || config.PIN.Value != policy.PINRequired {
			t.Errorf("got %+v", config)
		}
	})
}

func TestConfigure_RetentionDays(t *testing.T) {
	t.Run("a number that is none is refused and not overlooked", func(t *testing.T) {
		for _, text := range []string{"soon", "0", "-1", "3661"} {
			_, err := app.Configure(app.Flags{DataDir: t.TempDir()}, environment(map[string]string{app.RetentionVar: text}))
			if action.CodeOf(err) != action.BadRequest {
				t.Errorf("%q: got %v", text, err)
			}
		}
	})
	t.Run("the company's word counts before that of the folder", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "settings.json"), []byte(`{"retentionDays":"6"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		config, err := app.Configure(app.Flags{DataDir: dir}, environment(nil))
		if want := (app.Setting{Value: "6", Source: app.FromFile}); err != nil || config.RetentionDays != want {
			t.Fatalf("got %+v, %v", config.RetentionDays, err)
		}
		config = config.Under(policy.Found{Policy: policy.Policy{Retention: 72 * time.Hour}})
		if want := (app.Setting{Value: "3", Source: app.FromPolicy}); config.RetentionDays != want {
			t.Errorf("got %+v", config.RetentionDays)
		}
	})
}

func TestConfigure(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "settings.json"), []byte(`{"bff":"https://kept.example"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		flags       app.Flags
		environment map[string]string
		want        app.Setting
	}{
		{"a flag counts first", app.Flags{DataDir: dir, BFF: "https://flag.example"}, map[string]string{app.BFFVar: "https://env.example"},
			app.Setting{Value: "https://flag.example", Source: app.FromFlag}},
		{"then the environment", app.Flags{DataDir: dir}, map[string]string{app.BFFVar: "https://env.example"},
			app.Setting{Value: "https://env.example", Source: app.FromEnvironment}},
		{"then what was kept", app.Flags{}, map[string]string{app.DataDirVar: dir},
			app.Setting{Value: "https://kept.example", Source: app.FromFile}},
		{"then the default", app.Flags{DataDir: t.TempDir()}, nil, app.Setting{Value: app.DefaultBFF, Source: app.FromDefault}},
	} {
		t.Run(c.name, func(t *testing.T) {
			config, err := app.Configure(c.flags, environment(c.environment))
			if err != nil || config.BFF != c.want {
				t.Errorf("got %+v, %v", config.BFF, err)
			}
		})
	}
	t.Run("a relative folder is told in full", func(t *testing.T) {
		config, err := app.Configure(app.Flags{DataDir: "here"}, environment(nil))
		if err != nil || !filepath.IsAbs(config.DataDir.Value) || config.DataDir.Source != app.FromFlag {
			t.Errorf("got %+v, %v", config.DataDir, err)
		}
	})
	t.Run("settings that cannot be read are told and not overlooked", func(t *testing.T) {
		broken := t.TempDir()
		if err := os.WriteFile(filepath.Join(broken, "settings.json"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := app.Configure(app.Flags{DataDir: broken}, environment(nil)); action.CodeOf(err) != action.StorageFailed {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the server of a sign-in is that of the next start", func(t *testing.T) {
		o := newOffice(t)
		r := signedIn(t, o)
		config, err := app.Configure(app.Flags{DataDir: r.config.DataDir.Value}, environment(nil))
		if want := (app.Setting{Value: o.host.URL(), Source: app.FromFile}); err != nil || config.BFF != want {
			t.Errorf("got %+v, %v", config.BFF, err)
		}
	})
}

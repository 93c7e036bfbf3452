package app_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"fieldpay/app"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The shape of everything that crosses the bridge, by the type's name. Screens
// rely on it: a difference here is a change for them too.
func TestBridge_GoldenShapes(t *testing.T) {
	const golden = "testdata/bridge.golden.json"
	shapes := map[string]any{}
	bridge := reflect.TypeFor[*app.Bridge]()
	for i := range bridge.NumMethod() {
		m := bridge.Method(i).Type
		for a := 1; a < m.NumIn(); a++ {
			addShape(shapes, m.In(a))
		}
		for o := range m.NumOut() {
			addShape(shapes, m.Out(o))
		}
	}
	addShape(shapes, reflect.TypeFor[app.Failure]())
	got, err := json.MarshalIndent(shapes, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the shapes differ from %s; if that is meant, run go test ./app -update and tell the screens:\n%s", golden, got)
	}
}

func addShape(shapes map[string]any, t reflect.Type) {
	if t.Kind() == reflect.Struct && strings.HasSuffix(t.PkgPath(), "/app") {
		v := reflect.New(t).Elem()
		fill(v)
		shapes[t.Name()] = v.Interface()
	}
}

// fill puts something into every field, so that each shows with its type.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("text")
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key").Convert(v.Type().Key()), value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	default:
		panic("a type that a screen cannot take: " + v.Type().String())
	}
}

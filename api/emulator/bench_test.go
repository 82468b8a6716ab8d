package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// putPath is the path of a single PUT, another one for each n.
func putPath(n int64) string {
	return fmt.Sprintf("v8/Deals/%d/Contact_Roles/%d",
		4150868000010000000+n%1_000_000+1, 4150868000020000000+n%100_000+1)
}

// BenchmarkPut measures the handler alone, in process.
func BenchmarkPut(b *testing.B) {
	for name, file := range map[string]string{"memory": "", "file": filepath.Join(b.TempDir(), "state")} {
		b.Run(name, func(b *testing.B) {
			e, err := emulator.New(emulator.Options{Deals: 1_000_000, Contacts: 100_000, InFlight: 1000, State: file})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			token := rig.TokenOf(b, e)
			var n atomic.Int64
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if status := rig.Send(e, token, "PUT", putPath(n.Add(1)), rig.ByID(rig.Purchasing)); status != 200 {
						b.Errorf("status %d", status)
						return
					}
				}
			})
		})
	}
}

// BenchmarkLoopback measures the whole way, with Go's client in the same process.
func BenchmarkLoopback(b *testing.B) {
	e, err := emulator.New(emulator.Options{Deals: 1_000_000, Contacts: 100_000, InFlight: 1000})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(e)
	defer server.Close()
	token := rig.TokenOf(b, e)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	var n atomic.Int64
	b.SetParallelism(10)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := strings.NewReader(rig.ByID(rig.Purchasing))
			r, _ := http.NewRequest(http.MethodPut, server.URL+"/crm/"+putPath(n.Add(1)), body)
			r.Header.Set("Authorization", token)
			resp, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	})
}

// BenchmarkInsert measures the handler alone with 100 records in a call. One operation is one record.
func BenchmarkInsert(b *testing.B) {
	records := make([]string, 100)
	for name, file := range map[string]string{"memory": "", "file": filepath.Join(b.TempDir(), "state")} {
		b.Run(name, func(b *testing.B) {
			e, err := emulator.New(emulator.Options{InFlight: 1000, State: file})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			token := rig.TokenOf(b, e)
			b.ReportAllocs()
			for n := 0; n < b.N; n += len(records) {
				for i := range records {
					records[i] = fmt.Sprintf(`{"Last_Name":"Name %d","First_Name":"A","Email":"a%d@example.com",`+
						`"Phone":"+1 555 %d","Title":"x","Department":"Sales"}`, n+i, n+i, n+i)
				}
				if status := rig.Send(e, token, "POST", "v8/Contacts", rig.Data(records...)); status != 201 {
					b.Fatalf("status %d", status)
				}
			}
		})
	}
}

package soql_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fieldpay/sandbox/salesforce/soql"
)

func TestParse(t *testing.T) {
	tests := []struct{ name, query, want string }{
		{"keywords have no case", "select Id, Account__r.Name from Invoice__c limit 5 offset 2", "&{Select:[{Path:[Id] Function: Alias: Children:<nil>} {Path:[Account__r Name] Function: Alias: Children:<nil>}] From:Invoice__c Where:<nil> GroupBy:[] OrderBy:[] Limit:5 Offset:2 Count:false}"},
		{"a count stands alone", "SELECT COUNT() FROM A", "&{Select:[] From:A Where:<nil> GroupBy:[] OrderBy:[] Limit:-1 Offset:0 Count:true}"},
		{"and binds by parentheses", "SELECT Id FROM A WHERE (x = 1 OR y != null) AND NOT z IN ('a','b')", "&{Select:[{Path:[Id] Function: Alias: Children:<nil>}] From:A Where:{Left:{Left:{Path:[x] Operator:= Values:[{Kind:2 Text:1 Bool:false}]} Right:{Path:[y] Operator:!= Values:[{Kind:0 Text: Bool:false}]}} Right:{Operand:{Path:[z] Operator:IN Values:[{Kind:1 Text:a Bool:false} {Kind:1 Text:b Bool:false}]}}} GroupBy:[] OrderBy:[] Limit:-1 Offset:0 Count:false}"},
		{"escapes are undone", `SELECT Id FROM A WHERE x = 'O\'N\\eil\n\_'`, "&{Select:[{Path:[Id] Function: Alias: Children:<nil>}] From:A Where:{Path:[x] Operator:= Values:[{Kind:1 Text:O'N\\eil\n_ Bool:false}]} GroupBy:[] OrderBy:[] Limit:-1 Offset:0 Count:false}"},
		{"dates and times are told apart", "SELECT Id FROM A WHERE d = 2024-01-02 AND t > 2024-01-02T03:04:05.000+0000", "&{Select:[{Path:[Id] Function: Alias: Children:<nil>}] From:A Where:{Left:{Path:[d] Operator:= Values:[{Kind:4 Text:2024-01-02 Bool:false}]} Right:{Path:[t] Operator:> Values:[{Kind:5 Text:2024-01-02T03:04:05.000+0000 Bool:false}]}} GroupBy:[] OrderBy:[] Limit:-1 Offset:0 Count:false}"},
		{"aggregates, groups and order", "SELECT c, SUM(a) s FROM A GROUP BY c ORDER BY SUM(a) DESC NULLS LAST", "&{Select:[{Path:[c] Function: Alias: Children:<nil>} {Path:[a] Function:SUM Alias:s Children:<nil>}] From:A Where:<nil> GroupBy:[[c]] OrderBy:[{Path:[a] Function:SUM Descending:true NullsLast:true}] Limit:-1 Offset:0 Count:false}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q, err := soql.Parse(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%+v", q); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestParse_Errors(t *testing.T) {
	for _, query := range []string{
		"", "SELECT", "SELECT FROM A", "SELECT Id FROM", "SELECT Id FROM A WHERE", "SELECT Id FROM A WHERE x", "SELECT Id FROM A WHERE x = ",
		"SELECT Id FROM A WHERE x = 1 AND y = 2 OR z = 3", "SELECT Id FROM A WHERE x LIKE 5", "SELECT Id FROM A LIMIT x", "SELECT Id FROM A extra",
		"SELECT Id FROM A WHERE x IN ()", "SELECT Id FROM A WHERE x = 'open", `SELECT Id FROM A WHERE x = '\q'`, "SELECT NOPE(Id) FROM A",
		"SELECT Id, COUNT() FROM A", "SELECT Id FROM A WHERE x = 2024-13-45", "SELECT Id; FROM A",
		"SELECT Id FROM A WHERE " + strings.Repeat("(", 1000),
	} {
		t.Run(query[:min(len(query), 60)], func(t *testing.T) {
			var at *soql.Error
			if _, err := soql.Parse(query); !errors.As(err, &at) || at.Column < 0 || at.Column > len(query)+1 {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("SELECT Id, (SELECT Id FROM Lines__r), SUM(a) x FROM A WHERE (a = 'b\\'' OR c LIKE '%d') AND e IN (1, null, TRUE) GROUP BY a ORDER BY b DESC NULLS LAST LIMIT 1 OFFSET 2")
	f.Add("select count() from A where t >= 2024-01-02T03:04:05Z and not d != 2024-01-01")
	f.Fuzz(func(t *testing.T, query string) {
		q, err := soql.Parse(query)
		if (q == nil) == (err == nil) {
			t.Errorf("got %v and %v", q, err)
		}
		if q != nil && (q.From == "" || (!q.Count && len(q.Select) == 0)) {
			t.Errorf("an empty query was accepted: %+v", q)
		}
	})
}

func ExampleParse() {
	q, err := soql.Parse("SELECT Id, Account__r.Name FROM Invoice__c WHERE Status__c = 'pending' LIMIT 10")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(q.From, q.Select[1].Path, q.Limit)
	// Output: Invoice__c [Account__r Name] 10
}

package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// subReply is the answer to a sub-request, decoded like that of a call.
type subReply struct {
	id        string // as sent back; no document shows that Zoho sends it
	path      string // of what is wrong in the composite request, if the answer says so
	triggered bool
	status    int // of the composite request, if this one was not triggered
	reply     *reply
	fault     *fault
}

// subAnswer is a sub-request's answer as sent.
type subAnswer struct {
	refusalText
	ID text `json:"sub_request_id"`
}

type subDetails struct {
	Path     text `json:"json_path"`
	Response *struct {
		Status int             `json:"status_code"`
		Body   json.RawMessage `json:"body"`
	} `json:"response"`
}

// decodeSubs decodes the answers in a composite answer. subs stays nil if one of them is not as documented.
func decodeSubs(status int, list json.RawMessage) *reply {
	r := &reply{status: status, list: list}
	var answers []subAnswer
	if json.Unmarshal(list, &answers) != nil {
		return r
	}
	subs := make([]subReply, len(answers))
	for i, a := range answers {
		var d subDetails
		if len(a.Details) > 0 && json.Unmarshal(a.Details, &d) != nil || a.Code == "" || a.ok() && d.Response == nil {
			return r
		}
		s := &subs[i]
		s.id, s.path, s.status = string(a.ID), string(d.Path), status
		if d.Response == nil {
			s.fault = classifyRefusal(status, a.refusalText)
		} else {
			s.triggered, s.status = true, d.Response.Status
			s.reply, s.fault = decode(d.Response.Status, d.Response.Body, dueData)
		}
		s.fault.status = s.status
		if s.fault.refusal.Code != "" {
			r.items = append(r.items, s.fault.refusal)
		}
	}
	r.subs = subs
	return r
}

// misfit reports whether a sub-request failed because it is one: it was not triggered, its answer is not that of a
// read, it has too many records, it is not supported, or Zoho refuses every read. A failure that may pass is no misfit,
// nor is a refusal of the deal.
func (s *subReply) misfit() bool {
	switch {
	case s.reply != nil:
		return false
	case s.fault.kind == kindThrottle, isServerFault(s.status, string(s.fault.refusal.Code)),
		s.fault.refusal.Code == "REQUEST_TIMEOUT":
		return false
	}
	switch s.fault.refusal.Code {
	case "LIMIT_EXCEEDED", "NOT_SUPPORTED":
		return true
	}
	return !s.triggered || s.fault.kind != kindRow
}

// checkSubs returns why the answers cannot be those to the sub-requests, in order. Zoho's samples have them in the
// order of the request and number them so (rollbacked_by_sub_request_index), but no document promises it, and an answer
// does not name its sub-request. What can be checked is their number, the path of an error, the page size that a read
// repeats, and the id, if one comes.
func checkSubs(subs []subReply, asked int) error {
	if subs == nil {
		return errors.New("a sub-request's answer is not as documented")
	}
	if len(subs) != asked {
		return fmt.Errorf("%d answers to %d sub-requests", len(subs), asked)
	}
	marks := make([]string, asked)
	for i := range marks {
		marks[i] = pageMark(i)
	}
	for i, s := range subs {
		at, named := strings.CutPrefix(s.path, "$.__composite_requests[")
		if named && !strings.HasPrefix(at, fmt.Sprintf("%d]", i)) {
			return fmt.Errorf("answer %d is to another sub-request, by %s", i+1, s.path)
		}
		if s.id != "" && s.id != fmt.Sprint(i+1) {
			return fmt.Errorf("answer %d is to sub-request %s", i+1, s.id)
		}
		if s.reply == nil || s.reply.info == nil {
			continue
		}
		if size := string(s.reply.info.PerPage); size != marks[i] && slices.Contains(marks, size) {
			return fmt.Errorf("answer %d is to another sub-request, by its page size of %s", i+1, size)
		}
	}
	return nil
}

package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
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

// misfit reports whether the read does not work as a sub-request: it was not triggered, its answer is not that of a
// read, it has too many records, it is not supported, or Zoho refuses every read. A temporary failure is not a misfit,
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

// mark returns the index of the sub-request that an answer names, or -1 if it names none. No document promises that
// the answers come in the order of the request. What can name a sub-request is the path of an error, the id, if one
// comes, and the page size that a read repeats. mark returns an error if these contradict each other.
func (s *subReply) mark(asked int) (int, error) {
	at := -1
	see := func(i int, what string) error {
		switch {
		case i < 0 || i >= asked:
			return fmt.Errorf("the %s of an answer names sub-request %d, which was not sent", what, i+1)
		case at >= 0 && at != i:
			return fmt.Errorf("an answer names sub-request %d, and by its %s sub-request %d", at+1, what, i+1)
		}
		at = i
		return nil
	}
	if i, named := pathIndex(compositeList, s.path); named {
		if err := see(i, "path"); err != nil {
			return at, err
		}
	}
	if s.id != "" {
		n, err := strconv.Atoi(s.id)
		if err != nil {
			n = 0
		}
		if err := see(n-1, "id"); err != nil {
			return at, err
		}
	}
	if s.reply == nil || s.reply.info == nil {
		return at, nil
	}
	for i := range asked {
		if string(s.reply.info.PerPage) == pageMark(i) {
			return at, see(i, "page size")
		}
	}
	return at, nil
}

// contacts returns the number of contacts in the answer, or -1 if the answer is not a list of all contacts of a deal.
func (s *subReply) contacts() int {
	if s.reply == nil || s.reply.info != nil && s.reply.info.MoreRecords {
		return -1
	}
	contacts, err := decodeContacts(s.reply.list)
	if err != nil {
		return -1
	}
	return len(contacts)
}

// pairSubs returns the answer to each sub-request, or nil if that answer is not known. It pairs by what an answer
// names, never by its position. An answer that names nothing belongs to one of the sub-requests that are left. pairSubs
// pairs such answers if only one is left, or if all of them are lists without contacts. It returns an error if the
// answers contradict each other.
func pairSubs(subs []subReply, asked int) ([]*subReply, error) {
	if subs == nil {
		return nil, errors.New("a sub-request's answer is not as documented")
	}
	if len(subs) != asked {
		return nil, fmt.Errorf("%d answers to %d sub-requests", len(subs), asked)
	}
	paired := make([]*subReply, asked)
	var left []*subReply
	alike := true
	for i := range subs {
		s := &subs[i]
		at, err := s.mark(asked)
		switch {
		case err != nil:
			return nil, err
		case at >= 0 && paired[at] != nil:
			return nil, fmt.Errorf("two answers name sub-request %d", at+1)
		case at >= 0:
			paired[at] = s
			continue
		case s.contacts() > 0:
			return nil, errors.New("an answer with contacts does not name its sub-request")
		}
		left, alike = append(left, s), alike && s.contacts() == 0
	}
	if len(left) > 1 && !alike {
		return paired, nil
	}
	for i := range paired {
		if paired[i] == nil {
			paired[i], left = left[0], left[1:]
		}
	}
	return paired, nil
}

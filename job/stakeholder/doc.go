// Package stakeholder puts contacts on deals with their roles, and takes contacts off deals: the jobs assign and remove.
//
// The rows of one deal have the deal as their key and the contact as their item. Up to 100 contacts of a deal go in one
// call: remove does so by DELETE ?ids=, assign by the collection PUT once it is proven to leave other contacts alone
// (collection.go, prove.go). With reading first (reading.go) a deal is read before it is written to. Where no answer
// tells what became of a row, the deal does (settle.go).
package stakeholder

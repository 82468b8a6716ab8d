package stakeholder

// phaseRemovals is the phase of removals that a plan has, or that a file implies: they come last.
const phaseRemovals = 1

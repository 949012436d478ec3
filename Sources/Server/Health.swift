import Events
import Projections

/// How an engine stands, as `GET /health` says it.
package struct Health: Sendable {
    /// Whether it takes new work.
    package let takesWork: Bool
    /// The answer, a JSON object.
    package let json: String

    /// What a state says of it.
    package init(_ state: ProjectedState, version: String) {
        let isFull = state.space == "full"
        takesWork = !isFull
        var text = JSONText()
        text.member("status", text: isFull ? "diskFull" : "ok")
        if isFull {
            text.member(
                "reason",
                text: "the disk of the log is full, so no new work is taken; free some space")
        }
        text.member("version", text: version)
        text.member("sequence", json: String(state.lastSequence ?? 0))
        text.member("openRuns", json: String(state.openRuns.count))
        text.member("scheduling", json: String(state.status.isSchedulingOn && !isFull))
        json = text.object
    }
}

/// A run that takes much longer than usual, so that it is warned of before its SLA is over.
extension GoldenLog {
    mutating func foresight() throws {
        world.plans["heartbeat"] = [.runs]
        try advance("2026-03-30T06:30:00Z")
    }
}

import Testing
import Timetable

/// Random partners' files, outcomes, runs that fail anywhere, persons, kills and snapshots, against
/// a reader of the log that knows no engine.
@Suite struct ExchangeModelTests {
    @Test(
        "every outcome stands in one live file, and every number of a file comes to an end",
        arguments: 0..<16)
    func model(world number: Int) throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max)) &+ UInt64(number)
        var world = try ExchangeModel(seed: seed, zones: Self.zones.get())
        for _ in 0..<300 { try world.step("seed \(seed)") }
        try world.end("seed \(seed)")
    }

    private static let zones = Result { try ZoneCatalog() }
}

import Foundation
import Testing
import Timetable

/// The system's zone data, shared by all tests.
enum Zones {
    static let catalog: Result<ZoneCatalog, TimetableError> = {
        do throws(TimetableError) {
            return .success(try ZoneCatalog())
        } catch {
            return .failure(error)
        }
    }()

    static func named(_ name: String) throws -> Zone {
        try catalog.get().zone(name)
    }
}

/// Rows of a vector file; each is a JSON object on a line of its own.
enum Fixture {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/timetable")

    static func rows<Row: Decodable>(_ file: String, as type: Row.Type) throws -> [Row] {
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        return try text.split(separator: "\n").map {
            try JSONDecoder().decode(Row.self, from: Data($0.utf8))
        }
    }
}

/// SplitMix64: small, seeded, the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// The seed of this run: `DAYBOOK_SEED`, or a new one.
    static func seed() -> UInt64 {
        ProcessInfo.processInfo.environment["DAYBOOK_SEED"].flatMap(UInt64.init)
            ?? UInt64.random(in: 0...UInt64.max)
    }

    /// How much of a property test to run: `DAYBOOK_CASES`, or the given number.
    static func cases(_ standard: Int) -> Int {
        ProcessInfo.processInfo.environment["DAYBOOK_CASES"].flatMap(Int.init) ?? standard
    }
}

/// The error of a failing call, or `nil`.
func failure(_ body: () throws(TimetableError) -> Void) -> TimetableError? {
    do {
        try body()
        return nil
    } catch {
        return error
    }
}

import Events
import Exchange
import Foundation
import Testing
import X12

/// Files made of outcomes: the goldens, which other programs validate too
/// (`scripts/x12-validate.sh`), and what must hold of every file.
@Suite struct ComposerTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/x12/composed")

    /// Outcomes of a kind; those of three groups stand in turns.
    private static func outcomes(
        _ make: (Int) -> Outcome.Body, count: Int, groups: [String?] = [nil]
    ) -> [Outcome] {
        (0..<count).map { Samples.outcome($0, group: groups[$0 % groups.count], make($0)) }
    }

    /// Every golden by its name: of each kind one set, many sets, and many groups.
    private static func goldens() throws -> [String: (CompositionOrder, [Outcome])] {
        var goldens: [String: (CompositionOrder, [Outcome])] = [:]
        for (index, (name, make)) in Samples.bodies.enumerated() {
            let number = UInt64(400 + 10 * index)
            let one = outcomes(make, count: 1)
            goldens["\(name)-one.edi"] = (Samples.order(one, number: number), one)
            if one[0].type == .interchangeAcknowledgment { continue }
            let many = outcomes(make, count: 5)
            goldens["\(name)-sets.edi"] = (Samples.order(many, number: number + 1), many)
            let grouped = outcomes(make, count: 6, groups: [nil, "CLINICB", "CLINICC"])
            goldens["\(name)-groups.edi"] = (
                Samples.order(grouped, number: number + 4, delimiters: X12Delimiters()), grouped
            )
            let other = outcomes(make, count: 2)
            goldens["\(name)-delimiters.edi"] = (
                Samples.order(other, number: number + 7, delimiters: Samples.pipes), other
            )
        }
        for (index, (name, outcomes)) in try EnrollmentSnapshotTests.goldens().sorted(
            by: { $0.key < $1.key }
        ).enumerated() {
            let order = Samples.order(outcomes, number: UInt64(490 + index))
            goldens["\(name).edi"] = (order, outcomes)
        }
        return goldens
    }

    @Test("what is composed is the goldens, byte for byte, and no golden is left over")
    func recorded() throws {
        let all = try Self.goldens()
        if ProcessInfo.processInfo.environment["DAYBOOK_X12_RECORD"] != nil {
            try FileManager.default.createDirectory(
                at: Self.folder, withIntermediateDirectories: true)
            for (name, (order, outcomes)) in all {
                let file = try InterchangeComposer.compose(order, outcomes)
                try Data(file.bytes).write(to: Self.folder.appending(path: name))
            }
        }
        for (name, (order, outcomes)) in all {
            let golden = try [UInt8](Data(contentsOf: Self.folder.appending(path: name)))
            let file = try InterchangeComposer.compose(order, outcomes)
            #expect(file.bytes == golden, "\(name)")
            let type = outcomes[0].type
            let findings = try CompositionCheck.findings(file.bytes, order, type: type)
            #expect(findings.isEmpty, "\(name): \(findings)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(names) == Set(all.keys))
    }

    private static func segments(_ bytes: [UInt8]) -> [[String]] {
        let end = bytes[105]
        return bytes.split(separator: end).map { segment in
            segment.drop { $0 == 0x0A }
                .split(separator: bytes[3], omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
        }.filter { $0 != [""] && !$0.isEmpty }
    }

    @Test("groups, sets, numbers and counts are those of the order")
    func structure() throws {
        let groups: [String?] = [nil, "CLINICB", "CLINICA", "CLINICC"]
        let outcomes = Self.outcomes(Samples.claims, count: 9, groups: groups)
        var order = Samples.order(outcomes)
        #expect(order.groupNumbers.count == 3)
        order.groupNumbers = [71, 9, 500]
        order.setNumbers = (0..<9).map { 9_990 + 7 * UInt64($0) }
        let file = try InterchangeComposer.compose(order, outcomes)
        let segments = Self.segments(file.bytes)
        #expect(segments.count == file.segmentCount && file.setCount == 9)
        #expect(
            segments.filter { $0[0] == "GS" }.map { $0[3] } == ["CLINICA", "CLINICB", "CLINICC"])
        #expect(segments.filter { $0[0] == "GS" }.map { $0[6] } == ["71", "9", "500"])
        #expect(segments.filter { $0[0] == "GS" }.allSatisfy { $0[4] == "20250106" })
        #expect(segments.filter { $0[0] == "GS" }.allSatisfy { $0[5] == "1530" })
        // The sets of a group in the order of their outcomes, each under its outcome's number.
        let numbers = segments.filter { $0[0] == "ST" }.compactMap { UInt64($0[2]) }
        let places = [0, 2, 4, 6, 8, 1, 5, 3, 7]
        #expect(numbers == places.map { order.setNumbers[$0] })
        let references = segments.filter { $0[0] == "BHT" }.map { $0[3] }
        #expect(references == numbers.map { "4711-\($0)" })
        #expect(segments[0][13] == "000000401" && segments.last?[2] == "000000401")
        #expect(segments.last?[1] == "3")
    }

    @Test("a 271 repeats the reference of its inquiry")
    func reference() throws {
        let outcomes = Self.outcomes(Samples.eligibility, count: 2)
        let file = try InterchangeComposer.compose(Samples.order(outcomes), outcomes)
        let references = Self.segments(file.bytes).filter { $0[0] == "BHT" }.map { $0[3] }
        #expect(references == ["INQ0", "4711-2"])
    }

    @Test("several TA1s stand in one interchange without groups")
    func interchangeAnswers() throws {
        let outcomes = Self.outcomes(Samples.interchange, count: 3)
        let order = Samples.order(outcomes)
        let file = try InterchangeComposer.compose(order, outcomes)
        let segments = Self.segments(file.bytes)
        #expect(segments.map { $0[0] } == ["ISA", "TA1", "TA1", "TA1", "IEA"])
        #expect(segments.last?[1] == "0" && file.setCount == 0 && file.segmentCount == 5)
        let findings = try CompositionCheck.findings(
            file.bytes, order, type: .interchangeAcknowledgment)
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test("any outcomes of a type make a good file, the same twice, and the same after the line")
    func property() throws {
        for seed in UInt64(0)..<120 {
            var random = Seeded(seed)
            let (name, make) = Samples.bodies[Int(random.next() % UInt64(Samples.bodies.count))]
            let groups: [String?] = [nil, "CLINICB", "CLINICC", "CLINICA"]
            let outcomes = (0..<(1 + Int(random.next() % 100))).map { place in
                Samples.outcome(
                    place, group: groups[Int(random.next() % 4)],
                    make(Int(random.next() % 1_000)))
            }
            let delimiters = random.next() % 2 == 0 ? X12Delimiters() : Samples.pipes
            var order = Samples.order(
                outcomes, number: 1 + random.next() % 999_000_000, delimiters: delimiters)
            order.instant = Int64(random.next() % 4_000_000_000_000_000)
            let file = try InterchangeComposer.compose(order, outcomes)
            #expect(try InterchangeComposer.compose(order, outcomes) == file)
            let findings = try CompositionCheck.findings(
                file.bytes, order, type: outcomes[0].type)
            #expect(findings.isEmpty, "seed \(seed), \(name): \(findings)")
            let read = try outcomes.map {
                try Outcome($0.encoded()[...], types: Samples.types, delimiters: delimiters)
            }
            #expect(try InterchangeComposer.compose(order, read) == file, "seed \(seed), \(name)")
        }
    }

    @Test("mixed types, wrong counts of numbers, and what X12 has no place for are refused")
    func refused() throws {
        let claims = Self.outcomes(Samples.claims, count: 2)
        let order = Samples.order(claims)
        let mixed = [claims[0], Samples.outcome(2, Samples.enrollment(1))]
        func message(_ order: CompositionOrder, _ outcomes: [Outcome]) -> String {
            do throws(ExchangeError) {
                _ = try InterchangeComposer.compose(order, outcomes)
                return ""
            } catch {
                return error.message
            }
        }
        #expect(message(order, mixed).contains("one type"))
        #expect(message(order, []).contains("one type"))
        #expect(message(order, [claims[0]]).contains("1 set, but 1 and 2 numbers"))
        var other = order
        other.groupNumbers = []
        #expect(message(other, claims).contains("1 group"))
        other = order
        other.setNumbers[1] = .max
        #expect(message(other, claims).contains("outcome 2 of the file: ST02"))
        other = order
        other.isaNumber = 0
        #expect(message(other, claims).contains("ISA13"))
        other = order
        other.instant = .max
        #expect(message(other, claims).contains("moment"))
        other.instant = .min
        #expect(message(other, claims).contains("moment"))
        var bad = Samples.payment(1)
        bad.amount = Cents(1)
        let payment = [Samples.outcome(1, .remittance(bad))]
        #expect(message(Samples.order(payment), payment).contains("outcome 1 of the file: the sum"))
    }

    @Test("an order is that of the event that opened the file")
    func grouped() throws {
        var event = FileGrouped()
        event.sender = "ZZ:DAYBOOK"
        event.receiver = "30:A:B"
        event.senderGroup = "DAYBOOK"
        event.receiverGroup = "CLINICA"
        event.usage = "T"
        event.delimiters = "|!>'"
        event.requestsAcknowledgment = true
        let order = try CompositionOrder(
            event, file: 9, instant: 5, isaNumber: 1, groupNumbers: [2], setNumbers: [3, 4])
        #expect(order.sender == .init(qualifier: "ZZ", id: "DAYBOOK"))
        #expect(order.receiver == .init(qualifier: "30", id: "A:B"))
        #expect(order.delimiters == Samples.pipes && order.requestsAcknowledgment)
        event.sender = "DAYBOOK"
        #expect(throws: ExchangeError.self) {
            try CompositionOrder(
                event, file: 9, instant: 5, isaNumber: 1, groupNumbers: [2], setNumbers: [3, 4])
        }
    }

    @Test("a file that was changed is found, by places and codes")
    func findings() throws {
        let outcomes = Self.outcomes({ .remittance(Samples.payment($0)) }, count: 3)
        let order = Samples.order(outcomes)
        let bytes = try InterchangeComposer.compose(order, outcomes).bytes
        func findings(_ part: String, _ other: String) throws -> String {
            let text = String(decoding: bytes, as: UTF8.self).replacing(part, with: other)
            return try CompositionCheck.findings(
                Array(text.utf8), order, type: .remittance
            ).joined(separator: "\n")
        }
        #expect(try findings("IEA*1*", "IEA*2*").contains("note 021"))
        #expect(try findings("GE*3*", "GE*4*").contains("group 1: AK905 5"))
        #expect(try findings("*PA*", "*XX*").contains("element 2 is no code of this element"))
        #expect(try findings("CLP*", "CLX*").contains("segment CLX"))
        #expect(try findings("ST*835*0002", "ST*835*0009").contains("set 2: IK502 3"))
        #expect(try CompositionCheck.findings([], order, type: .remittance) != [])
        #expect(try findings("LAST", "ÄÄÄÄ").contains("ÄÄÄÄ") == false)
    }
}

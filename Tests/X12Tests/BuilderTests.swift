import Foundation
import Testing
import X12

/// What is written: the goldens, which other programs validate (`scripts/x12-validate.sh`), and
/// what is refused.
@Suite struct BuilderTests {
    private static let folder = Vectors.folder.appending(path: "built")

    /// We, as a partner sees us: who takes what is built.
    private static func receiver() throws -> X12Partners {
        X12Partners(
            own: Built.them, ownGroupID: "CLINICA", senders: [Built.us: .asRequested],
            supported: [
                "HB/005010X279A1": "271", "HN/005010X214": "277", "HP/005010X221A1": "835",
                "BE/005010X220A1": "834",
            ])
    }

    @Test("what is built is the goldens, byte for byte, and no golden is left over")
    func goldens() throws {
        let all = try Built.all()
        if ProcessInfo.processInfo.environment["DAYBOOK_X12_RECORD"] != nil {
            for (name, bytes) in all {
                try Data(bytes).write(to: Self.folder.appending(path: name))
            }
        }
        for (name, bytes) in all {
            let golden = try [UInt8](Data(contentsOf: Self.folder.appending(path: name)))
            #expect(bytes == golden, "\(name)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(names) == Set(all.keys))
    }

    @Test("our own checker accepts what is built, and so it does the samples of others")
    func accepted() throws {
        var files = try Built.all()
        let golden = Vectors.folder.appending(path: "golden")
        for name in try FileManager.default.contentsOfDirectory(atPath: golden.path) {
            files[name] = try Vectors.bytes("golden/\(name)")
        }
        #expect(files.count == 29)
        for (name, bytes) in files {
            for result in try Vectors.results(bytes, partners: Self.receiver()) {
                #expect(result.fault == nil, "\(name): \(String(describing: result.fault))")
                for group in result.groups ?? [] {
                    #expect(group.code == "A", "\(name): \(group)")
                }
            }
            #expect(bytes[105] == UInt8(ascii: "~") || bytes[105] == UInt8(ascii: "'"), "\(name)")
        }
    }

    @Test("the 999s that are built pass the table of the 999, and are not answered")
    func acknowledgments() throws {
        var partners = try Self.receiver()
        partners.supported["FA/005010X231A1"] = "999"
        for (name, bytes) in try Built.all() where name.hasPrefix("999") {
            let unread = try Vectors.results(bytes, partners: partners)
            #expect(unread.count == 1 && unread[0].groups == nil && unread[0].ta1 == nil)
            let read = try Vectors.results(bytes, partners: partners, readsAcknowledgments: true)
            #expect(read.first?.groups?.first?.code == "A", "\(name): \(read)")
            // And not everything passes: a group without AK9 is no 999.
            let text = String(decoding: bytes, as: UTF8.self)
            let broken = try Vectors.results(
                Array(text.replacing("AK9*", with: "AK8*").utf8), partners: partners,
                readsAcknowledgments: true)
            #expect(broken.first?.groups?.first?.code == "R", "\(name)")
        }
    }

    @Test("a payment that is a cent off is refused, at each of its levels")
    func balance() throws {
        #expect(throws: Never.self) { try Built.remittance().response() }
        var payment = Built.remittance()
        payment.amount = Cents(payment.amount.value + 1)
        #expect(throws: X12Error.self) { try payment.response() }
        var claim = Built.remittance()
        claim.claims[0].paid = Cents(claim.claims[0].paid.value - 1)
        #expect(throws: X12Error.self) { try claim.response() }
        var line = Built.remittance()
        line.claims[0].services[0].adjustments[0].amount = Cents(7_298)
        let error = #expect(throws: X12Error.self) { try line.response() }
        #expect(error?.code == .unbalanced)
        #expect(error?.message.contains("SANDY") == false)
        var large = Built.remittance()
        large.claims[0].services[0].adjustments[0].amount = Cents(.max)
        #expect(throws: X12Error.self) { try large.response() }
    }

    @Test("an id over 15 characters, a number out of range, a delimiter in a value are refused")
    func refusals() throws {
        var long = Built.envelope()
        long.receiver.id = "SIXTEENCHARACTER"
        #expect(throws: X12Error.self) { try InterchangeBuilder(long, controlNumber: 1) }
        #expect(throws: X12Error.self) {
            try InterchangeBuilder(Built.envelope(), controlNumber: 0)
        }
        #expect(throws: X12Error.self) {
            try InterchangeBuilder(Built.envelope(), controlNumber: 1_000_000_000)
        }
        var same = Built.envelope()
        same.delimiters.component = same.delimiters.element
        #expect(throws: X12Error.self) { try InterchangeBuilder(same, controlNumber: 1) }
        var builder = try InterchangeBuilder(Built.envelope(), controlNumber: 1)
        try builder.beginGroup(setID: "271", version: "005010X279A1", controlNumber: 1)
        let set = SetContent(
            setID: "271", version: "005010X279A1", segments: [["BHT", "0022", "11", "A*B"]])
        let error = #expect(throws: X12Error.self) { try builder.add(set, controlNumber: 1) }
        #expect(error?.message.contains("BHT3") == true && error?.message.contains("A*B") == false)
    }

    @Test("amounts are written without needless zeros")
    func amounts() {
        let texts = [0, 5, 50, 100, 13_205, 13_250, -1, -150].map { Cents($0).element }
        #expect(texts == ["0", "0.05", "0.5", "1", "132.05", "132.5", "-0.01", "-1.5"])
    }
}

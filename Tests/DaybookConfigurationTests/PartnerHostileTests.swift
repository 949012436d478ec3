import DaybookConfiguration
import Events
import Exchange
import Foundation
import Testing
import X12

/// Damaged files of partners: refused, or a partner that envelopes can hold.
@Suite struct PartnerHostileTests {
    private static let whole = """
        partner: PARTNERA
        own: { qualifier: ZZ, id: DAYBOOK }
        identity: { qualifier: "30", id: 123456789, group: CLINICS }
        delimiters: { element: "|", repetition: "^", component: ">", terminator: "~" }
        usage: T
        acknowledgments: always
        requestAcknowledgment: true
        versions: [00501, 00402]
        accepts: [270, 276, 837P]
        sends: [271, 277CA, 834]
        windows: { 271: 1, 277CA: 30 }
        slas: { 834: 1440, 999: 20 }
        acknowledgedWithin: { TA1: 10, 999: 30 }
        batch: 50
        controlNumbers: [{ kind: ISA, start: 1000, last: 8999 }, { kind: ST, type: 271, wrap: on }]
        duplicateDays: 60
        usages: [T, P]
        authorizations: ["00"]
        securities: ["00"]

        """

    @Test("No damaged file stops the reader, and none becomes what envelopes cannot hold")
    func damaged() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SplitMix(state: seed)
        let alphabet = Array("{}[]:,\"'-.*|~^>0123456789AZaz \n".utf8)
        var goodCount = 0
        for round in 0..<400 {
            var bytes = Array(Self.whole.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[index] = alphabet.randomElement(using: &generator) ?? 0
                default: bytes.remove(at: index)
                }
            }
            let folder = try TemporaryFolder()
            try folder.write("partners/a.yaml", Data(bytes))
            let result = try folder.load()
            guard let set = result.set else {
                #expect(!result.errors.isEmpty, "seed \(seed), round \(round)")
                continue
            }
            goodCount += 1
            for partner in set.partners {
                #expect(Self.isSound(partner), "seed \(seed), round \(round): \(partner)")
            }
            #expect(X12Partners(set.partners).senders.count == set.partners.count)
        }
        // Some changes leave a good file, such as another digit.
        #expect(goodCount > 0, "seed \(seed)")
    }

    /// Whether everything is stated, and within its bounds.
    private static func isSound(_ partner: PartnerDefinition) -> Bool {
        let signs = Array(partner.delimiters.utf8)
        guard let own = partner.own, let other = partner.partner, own.name != other.name,
            signs.count == 4, Set(signs).count == 4,
            signs.allSatisfy({ X12Delimiters.isUsable($0) && $0 > 0 && $0 < 0x80 })
        else { return false }
        let texts = [own.id, own.group, other.id, other.group]
        let types = Set(partner.accepts + partner.sends)
        return (1...15).contains(partner.name.utf8.count)
            && texts.allSatisfy { text in
                (1...15).contains(text.utf8.count) && !text.utf8.contains { signs.contains($0) }
            }
            && Set(partner.rules.map(\.type)) == types && partner.rules.count == types.count
            && types.allSatisfy { TransactionType(rawValue: $0) != nil }
            && partner.sends.starts(with: ["TA1", "999"])
            && partner.rules.allSatisfy { rule in
                (rule.slaSeconds == 0 || rule.windowSeconds < rule.slaSeconds)
                    && (rule.outcomesMax > 0) == partner.sends.contains(rule.type)
            }
            && partner.numbers.allSatisfy { range in
                (range.start > 0 ? range.start : 1)
                    <= (range.last > 0 ? range.last : 999_999_999)
            }
            && (1...90).contains(partner.duplicateDays) && !partner.versions.isEmpty
            && !partner.usages.isEmpty && !partner.authorizations.isEmpty
    }
}

import Exchange
import Testing
import X12

@Suite("Names and paths of the exchange folder") struct NameTests {
    @Test("an outbound name has the form of the requirement")
    func form() throws {
        let name = try OutboundName(
            partner: "INTERNAL-CLAIMS", type: .claimAcknowledgment, controlNumber: 1_234_567,
            at: pieTime)
        #expect("\(name)" == "INTERNAL-CLAIMS_277CA_001234567_20260314T092653Z.edi")
        #expect(
            ExchangePath.outbound(name).text
                == "outbound/partner=INTERNAL-CLAIMS/transaction=277CA/date=2026-03-14/\(name)")
        #expect(ExchangePath.outboundQuarantine(name).text == "outbound/_quarantine/\(name)")
        #expect(ExchangePath.outboundQuarantine(name).date?.description == "2026-03-14")
        #expect(ExchangePath.outboundQuarantine(name).partner == "INTERNAL-CLAIMS")
    }

    @Test("every name that is made reads as itself", arguments: TransactionType.allCases)
    func roundTrip(type: TransactionType) throws {
        var random = FileRandom(seed: 7)
        let characters = Array("AZaz09-._")
        for _ in 0..<200 {
            let length = Int.random(in: 0...63, using: &random)
            let tail = (0..<length).map { _ in characters.randomElement(using: &random) ?? "A" }
            let name = try OutboundName(
                partner: "A" + String(tail), type: type,
                controlNumber: UInt64.random(in: 1...999_999_999, using: &random),
                at: Int64.random(in: 0...253_402_300_799_999_999, using: &random))
            #expect(try OutboundName(parsing: "\(name)") == name)
            let path = ExchangePath.outbound(name)
            #expect(try ExchangePath(path.text) == path)
            #expect(path.partner == name.partner)
        }
    }

    @Test(
        "what is no outbound name is refused, and not repeated",
        arguments: [
            "", ".edi", "A_271_000000001_20260314T092653Z", "A_271_000000001_20260314T092653Z.EDI",
            "_271_000000001_20260314T092653Z.edi", "A_271_00000001_20260314T092653Z.edi",
            "A_271_0000000001_20260314T092653Z.edi", "A_271_000000000_20260314T092653Z.edi",
            "A_999999_000000001_20260314T092653Z.edi", "A_271_+00000001_20260314T092653Z.edi",
            "A_271_000000001_20260314T092660Z.edi", "A_271_000000001_20260230T092653Z.edi",
            "A_271_000000001_20260314T092653z.edi", "A_271_000000001_19691231T235959Z.edi",
            "A/B_271_000000001_20260314T092653Z.edi", "É_271_000000001_20260314T092653Z.edi",
            "A_271_INVALID_20260314T092653Z.edi", ".A_271_000000001_20260314T092653Z.edi",
        ])
    func refused(text: String) {
        do {
            _ = try OutboundName(parsing: text)
            Issue.record("taken: \(text)")
        } catch {
            #expect(error.code == "name" && (text.count < 8 || !error.message.contains(text)))
        }
    }

    @Test("numbers and times that no name can have are refused")
    func outOfRange() {
        for number: UInt64 in [0, 1_000_000_000, .max] {
            #expect(
                errorCode {
                    _ = try OutboundName(
                        partner: "A", type: .enrollment, controlNumber: number, at: 0)
                } == "name")
        }
        for time in [-1, Int64.min, Int64.max, 253_402_300_800_000_000] {
            #expect(
                errorCode {
                    _ = try OutboundName(
                        partner: "A", type: .enrollment, controlNumber: 1, at: time)
                } == "time")
        }
    }

    @Test(
        "no path leads out of the folder",
        arguments: [
            "", "/", "/etc", "a/", "a//b", "..", "a/..", "a/../b", ".", "a/./b", "a\u{0}b",
            "a/b\nc", "\u{7F}", "\u{9B}", "a/\u{FFFD}", ".daybook-x", "a/.daybook-0123456789abcdef",
            "a/.daybook-\u{301}x",
            String(repeating: "a", count: 241), String(repeating: "a/", count: 16) + "a",
            String(repeating: String(repeating: "a", count: 200) + "/", count: 6) + "a",
        ])
    func noWayOut(text: String) {
        #expect(errorCode { _ = try ExchangePath(text) } == "path")
    }

    @Test("a slash with a combining mark is a slash, as it is for the system")
    func combiningMark() throws {
        #expect(errorCode { _ = try ExchangePath("a/\u{301}/../b") } == "path")
        let path = try ExchangePath("a/\u{301}b")
        #expect(path.folder?.text == "a")
        #expect(path.name == "\u{301}b")
    }

    @Test("two spellings of a name are two paths")
    func spellings() throws {
        let composed = try ExchangePath("inbound/partner=A/\u{E9}.edi")
        let decomposed = try ExchangePath("inbound/partner=A/e\u{301}.edi")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test("a path says partner, day and tier, and a message no sender's name")
    func parts() throws {
        let digest = String(repeating: "ab", count: 32)
        let path = try ExchangePath.received(partner: "ACME", at: pieTime, sha256: digest)
        #expect(path.text == "received/partner=ACME/date=2026-03-14/\(digest).edi")
        #expect(path.tier == .hot && path.partner == "ACME")
        let cool = path.inTier(.cool)
        #expect(cool.text == "cool/" + path.text && cool.tier == .cool)
        #expect(cool.inTier(.archive).text == "archive/" + path.text)
        #expect(cool.inTier(.hot) == path && cool.date == path.date)
        let aside = try ExchangePath.receivedQuarantine(
            partner: "ACME", at: pieTime, sha256: digest)
        #expect(aside.text == "received/_quarantine/partner=ACME/date=2026-03-14/\(digest).edi")
        let outcomes = try ExchangePath.outcomes(at: pieTime, sha256: digest)
        #expect(outcomes.text == "outcomes/date=2026-03-14/\(digest).jsonl")
        #expect(outcomes.partner == nil)
        let dropped = try ExchangePath.inbound(partner: "ACME").appending("JANE DOE.edi")
        #expect("\(dropped)" == "inbound/partner=ACME/…")
        #expect(dropped.sidecar.text == "inbound/partner=ACME/JANE DOE.edi.json")
        #expect(errorCode { _ = try ExchangePath.inbound(partner: "../A") } == "partner")
        #expect(
            errorCode { _ = try ExchangePath.outcomes(at: 0, sha256: digest.uppercased()) }
                == "path")
    }
}

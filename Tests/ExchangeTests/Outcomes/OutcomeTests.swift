import Exchange
import Foundation
import Testing
import X12

/// Lines of outcomes: what is read is what was written, and a bad line says which field is wrong
/// and nothing of what stands in it.
@Suite struct OutcomeTests {
    private static func message(
        _ text: String, types: Set<TransactionType> = Samples.types,
        delimiters: X12Delimiters = X12Delimiters()
    ) -> String? {
        do throws(ExchangeError) {
            _ = try Outcome(Array(text.utf8)[...], types: types, delimiters: delimiters, line: 3)
            return nil
        } catch {
            return error.code == "outcome" ? error.message : "code \(error.code)"
        }
    }

    private static func line(_ outcome: Outcome) -> String {
        String(decoding: outcome.encoded(), as: UTF8.self)
    }

    /// A payment, with one part of its line written otherwise.
    private static func changed(_ part: String, _ other: String) -> String {
        let line = Self.line(Samples.outcome(1, .remittance(Samples.payment(2))))
        #expect(line.contains(part))
        return line.replacing(part, with: other, maxReplacements: 1)
    }

    @Test("every type is read as it was written, and written again as the same bytes")
    func roundTrip() throws {
        for number in 0..<12 {
            for (name, make) in Samples.bodies {
                let group = number % 4 == 3 ? "OTHER" : nil
                let outcome = Samples.outcome(number, group: group, make(number))
                let bytes = outcome.encoded()
                let read = try Outcome(bytes[...], types: Samples.types)
                #expect(read == outcome, "\(name)")
                #expect(read.encoded() == bytes, "\(name)")
            }
        }
    }

    @Test("a line is one object without spaces, with its fields in their order")
    func canonical() {
        let outcome = Samples.outcome(2, group: "OTHER", Samples.interchange(2))
        #expect(
            Self.line(outcome) == """
                {"partner":"CLINICA","type":"TA1","ingestion":3,"group":"OTHER","body":\
                {"controlNumber":"000000102","date":"250106","time":"1530","code":"R",\
                "note":"021"}}
                """)
    }

    @Test("spaces, escapes and another order of fields change nothing")
    func liberal() throws {
        let text = """
             { "type" : "TA1" , "body" : {"code":"A","note":"000","time":"1530",\
            "date":"250106","controlNumber":"0000\\u00301\\u003002"},\t"partner":"CLINICA" }\r
            """
        let outcome = try Outcome(Array(text.utf8)[...], types: Outcome.ownTypes)
        #expect(outcome.partner == "CLINICA" && outcome.ingestion == nil)
        guard case .interchangeAcknowledgment(let answer) = outcome.body else {
            Issue.record("not a TA1")
            return
        }
        #expect(answer.controlNumber == "000001002")
    }

    @Test("a bad field is named by its path, and nothing of it is repeated")
    func fields() {
        let cases: [(String, String, String)] = [
            ("\"charge\":\"226.00\"", "\"charge\":226.00", "field 'body.claims[0].charge'"),
            ("\"charge\":\"226.00\"", "\"charge\":\"226.001\"", "field 'body.claims[0].charge'"),
            ("\"charge\":\"226.00\"", "\"charge\":\"9e99\"", "is no amount"),
            ("\"charge\":\"226.00\"", "\"chrage\":\"226.00\"", "did you mean 'charge'?"),
            ("\"charge\":\"226.00\",", "", "'body.claims[0].charge': is missing"),
            ("\"filing\"", "\"MARY ROE\":1,\"filing\"", "number 6 of the object"),
            ("\"20241202\"", "\"20240230\"", "services[1].days.last': is no day"),
            ("\"20241202\"", "\"20241130\"", "services[1].days.last': is before"),
            ("LAST2", "LAST*2", "patient.name': holds a delimiter"),
            ("LAST2", "MÜLLER", "patient.name': holds what is not printed"),
            ("LAST2", " ROE", "patient.name': begins or ends with a space"),
            ("\"LAST2\"", "\"\"", "patient.name': is empty"),
            ("\"LAST2\"", "null", "patient.name': is null"),
            (",\"qualifier\":\"MI\"", "", "patient.id': and 'qualifier'"),
            ("\"PA\"", "\"ZZ\"", "segment N4 at 7: element 2 is no code"),
            ("\"group\":\"CO\"", "\"group\":\"XX\"", "element 1 is no code of this element"),
            ("\"paid\":\"132.02\"", "\"paid\":\"132.03\"", "is not what is stated, by the cent"),
            ("\"amount\":\"130.02\"", "\"amount\":\"9999999999999.99\"", "in the payment"),
            ("\"835\"", "\"836\"", "'type': is none that outcomes have"),
            ("\"835\"", "\"277CA\"", "field 'body'"),
            ("\"partner\":\"CLINICA\"", "\"partner\":\"A/B\"", "'partner': is no partner's name"),
            ("\"OUT-1\"", "\"\(String(repeating: "x", count: 65))\"", "'id': has 65 bytes"),
            ("\"OUT-1\"", "17", "'id': is a number"),
            ("\"body\":{", "\"ingestion\":0,\"body\":{", "'ingestion': is no whole number"),
            ("\"body\":{", "\"ingestion\":18446744073709551616,\"body\":{", "'ingestion'"),
            ("\"body\":{", "\"ingestion\":1.5,\"body\":{", "'ingestion'"),
            ("\"body\":{", "\"group\":\"X\",\"body\":{", "'group': has 1 byte;"),
            ("\"body\":{", "\"bdoy\":{", "did you mean 'body'?"),
        ]
        for (part, other, expected) in cases {
            let message = Self.message(Self.changed(part, other)) ?? "nothing is wrong"
            #expect(message.contains(expected), "\(other): \(message)")
            #expect(message.hasPrefix("line 3"), "\(message)")
            for content in ["MARY", "LAST", "ROE", "9e99", "132.0", "226", "CLAIM", "xxx"] {
                #expect(!message.contains(content), "\(message)")
            }
        }
    }

    @Test("what is no JSON is refused with the byte")
    func json() {
        let deep = String(repeating: "[", count: 100_000)
        let cases = [
            ("", "byte 1"), ("{", "byte 2"), ("{\"a\":1,\"a\":2}", "stands twice"),
            ("[]", "is a list"), ("{} x", "follows the end"), ("{\"a\":\"\\ud800\"}", "surrogate"),
            ("{\"a\":\"\\udc00\\ud800\"}", "surrogate"),
            ("{\"a\":\"\\ud800\\u0041\"}", "surrogate"),
            ("{\"a\":\"\\x\"}", "escape"), ("{\"a\":\"\\u1\"}", "hex"),
            ("{\"a\":\"\\u12zz\"}", "hex"), ("{\"a\":01}", "expected"), ("{\"a\":1.}", "digit"),
            ("{\"a\":1e}", "digit"), ("{\"a\":-}", "digit"), ("{\"a\":tru}", "not the start"),
            ("{\"a\":\"\u{1}\"}", "control character"), (deep, "nested deeper"),
            ("{\"a\":" + deep, "nested deeper"), ("\u{FEFF}{}", "byte order mark"),
            ("{\"a\":1e400}", "is missing"), ("{}", "'partner': is missing"),
        ]
        for (text, expected) in cases {
            let message = Self.message(text) ?? "nothing is wrong"
            #expect(
                message.contains(expected) || message.contains("field that is not known"),
                "\(text.prefix(40)): \(message)")
        }
        #expect(throws: ExchangeError.self) {
            try Outcome([0x7B, 0xFF, 0x7D], types: Samples.types)
        }
        let long = [UInt8](repeating: 0x20, count: Outcome.byteCountMax + 1)
        #expect(throws: ExchangeError.self) {
            try Outcome(long[...], types: Outcome.businessTypes)
        }
    }

    @Test("a 999 of a large group is read, though its line is over 1 MiB")
    func largeAcknowledgment() throws {
        var segments = [["AK1", "HC", "7", "005010X222A1"]]
        for number in 1...30_000 {
            let digits = String(number)
            let id = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            segments += [["AK2", "837", id, "005010X222A1"], ["IK5", "A"]]
        }
        segments.append(["AK9", "A", "30000", "30000", "30000"])
        let outcome = Samples.outcome(1, .implementationAcknowledgment(segments))
        let bytes = outcome.encoded()
        #expect(bytes.count > Outcome.byteCountMax)
        #expect(try Outcome(bytes[...], types: Samples.types) == outcome)
        #expect(throws: ExchangeError.self) {
            try Outcome(bytes[...], types: Outcome.businessTypes)
        }
        let long = [UInt8](repeating: 0x20, count: Outcome.ownByteCountMax + 1)
        #expect(throws: ExchangeError.self) { try Outcome(long[...], types: Samples.types) }
    }

    @Test("business systems give no answers of ours, and their outcomes have an id")
    func sources() throws {
        let own = Samples.outcome(1, Samples.interchange(1)).encoded()
        #expect(throws: ExchangeError.self) {
            try Outcome(own[...], types: Outcome.businessTypes)
        }
        var nameless = Samples.outcome(1, Samples.claims(1))
        nameless.id = nil
        let message = Self.message(Self.line(nameless))
        #expect(message?.contains("'id': is missing") == true)
    }

    @Test("a value with one of the partner's own delimiters is refused")
    func delimiters() {
        let line = Self.changed("LAST2", "LA!ST")
        #expect(Self.message(line) == nil)
        let message = Self.message(line, delimiters: Samples.pipes)
        #expect(message?.contains("holds a delimiter") == true)
    }

    @Test("an inquiry has benefits or is rejected, not both and not neither")
    func answers() {
        let line = Self.line(Samples.outcome(1, Samples.unknownSubscriber(1)))
        let rejected = "\"rejected\":{\"reason\":\"75\",\"followUp\":\"C\"}"
        let benefits = "\"benefits\":[{\"code\":\"1\",\"serviceTypes\":[\"30\"]}]"
        #expect(Self.message(line) == nil)
        #expect(Self.message(line.replacing(rejected, with: benefits)) == nil)
        let both = Self.message(line.replacing(rejected, with: "\(rejected),\(benefits)"))
        #expect(both?.contains("stands beside benefits") == true)
        let neither = Self.message(line.replacing(",\(rejected)", with: ""))
        #expect(neither?.contains("benefits': is missing") == true)
        let empty = Self.message(line.replacing(rejected, with: "\"benefits\":[]"))
        #expect(empty?.contains("benefits': is empty") == true)
    }

    @Test("amounts are texts with two digits after the point")
    func amounts() throws {
        for (text, same) in [
            ("130.02", "130.02"), ("130.2", "130.20"), ("130", "130.00"), ("-0", "0.00"),
            ("-0.05", "-0.05"), ("9999999999999.99", "9999999999999.99"),
        ] {
            var payment = Samples.payment(2)
            payment.claims = []
            payment.providerAdjustments = []
            payment.amount = Cents(0)
            let line = Self.line(Samples.outcome(1, .remittance(payment)))
            let message = Self.message(
                line.replacing("\"amount\":\"0.00\"", with: "\"amount\":\"\(text)\""))
            // Only the balance is wrong, if anything is.
            #expect(same == "0.00" ? message == nil : message?.contains("by the cent") == true)
        }
        for text in ["", "1.", ".5", "+1", "01", "1.234", "1e3", "--1", "99999999999999"] {
            let line = Self.changed("\"amount\":\"130.02\"", "\"amount\":\"\(text)\"")
            #expect(Self.message(line)?.contains("'body.amount': is no amount") == true, "\(text)")
        }
    }

    @Test("the examples of the document are read")
    func examples() throws {
        let page = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/outcomes.md")
        let examples = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("{\"partner\"") }
        #expect(examples.count == 4)
        #expect(
            try Set(
                examples.map {
                    try Outcome(Array($0.utf8)[...], types: Outcome.businessTypes).type
                }) == Outcome.businessTypes)
    }

    @Test("what a TA1 cannot repeat of an ISA is left out")
    func cleaned() {
        let answer = TA1Content(
            controlNumber: "0000*0001", date: "25\u{7F}106", time: "15 0", code: "R", note: "018")
        let clean = answer.cleaned(X12Delimiters())
        #expect(clean.controlNumber == "" && clean.date == "" && clean.time == "15 0")
        let outcome = Samples.outcome(1, .interchangeAcknowledgment(clean))
        #expect(Self.message(Self.line(outcome)) == nil)
        #expect(answer.cleaned(Samples.pipes).controlNumber == "0000*0001")
    }
}

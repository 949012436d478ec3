import Testing
import X12

/// One change to a good file each, and the code that must answer it.
@Suite struct AnswerTests {
    private static let claims = "valid/v42_gs06_no_padding_st02_padded.edi"

    private static func results(
        _ file: String, _ changes: [(String, String)]
    ) throws -> InterchangeResult {
        var text = String(decoding: try Vectors.bytes(file), as: UTF8.self)
        for (old, new) in changes {
            try #require(text.contains(old), "\(old) is not in \(file)")
            // Only the first place.
            let range = try #require(text.firstRange(of: old))
            text.replaceSubrange(range, with: new)
        }
        let results = try Vectors.results(Array(text.utf8), partners: Vectors.partners())
        return try #require(results.first)
    }

    @Test(
        "a fault of the interchange has its note",
        arguments: [
            ("001", "IEA*1*000000142", "IEA*1*000000143"),
            ("004", ":~", ":A"), ("005", "*ZZ*CLINICA ", "*XX*CLINICA "),
            ("005", "*ZZ*CLINICA ", "*30*CLINICA "), ("006", "CLINICA  ", "CLINICB  "),
            ("006", "CLINICA        ", "        CLINICA"),
            ("008", "DAYBOOK        ", "        DAYBOOK"),
            ("007", "*ZZ*DAYBOOK ", "*30*DAYBOOK "), ("008", "DAYBOOK   ", "          "),
            ("009", "DAYBOOK   ", "DAYBOOC   "), ("010", "ISA*00", "ISA*09"),
            ("011", "ISA*00", "ISA*03"), ("012", "*00*          *ZZ", "*77*          *ZZ"),
            ("013", "*00*          *ZZ", "*01*          *ZZ"), ("014", "*250106*", "*250230*"),
            ("015", "*1530*^", "*2400*^"), ("016", "*^*", "*U*"), ("017", "00501", "00403"),
            ("018", "*000000142*0", "*000000000*0"), ("019", "*0*T*", "*2*T*"),
            ("020", "*0*T*", "*0*X*"), ("021", "IEA*1", "IEA*2"), ("021", "IEA*1", "IEA*X"),
            ("022", "GE*2*7", "SE*2*7~\nGE*2*7~\nTA1*1"), ("023", "IEA*1*000000142~", ""),
            ("024", "GS*HC", "N1*HC"), ("027", ":~", "^~"),
        ])
    func notes(_ note: String, _ old: String, _ new: String) throws {
        let result = try Self.results(Self.claims, [(old, new)])
        #expect(result.fault?.note == note)
        #expect(result.ta1?.code == "R" && result.ta1?.note == note)
        #expect(result.groups == nil)
    }

    @Test(
        "a fault of the group has its code",
        arguments: [
            ("1", "GS*HC", "GS*ZZ"), ("1", "*1530*7*", "*1590*7*"), ("1", "*7*X*", "*7*T*"),
            ("2", "*X*005010X222A1", "*X*005010X222"), ("3", "GE*2*7~", ""),
            ("4", "GE*2*7", "GE*2*8"), ("5", "GE*2*7", "GE*3*7"), ("6", "*7*X*", "*0*X*"),
        ])
    func groups(_ code: String, _ old: String, _ new: String) throws {
        let result = try Self.results(Self.claims, [(old, new)])
        let group = try #require(result.groups?.first)
        #expect(group.errors.contains(code), "\(group.errors)")
        #expect(group.code == "R" && group.accepted == 0 && group.received == 2)
    }

    @Test(
        "a fault of a set has its code, and the other set is accepted",
        arguments: [
            ("2", "SE*28*0001~", ""), ("3", "SE*28*0001", "SE*28*0009"),
            ("4", "SE*28*0001", "SE*X*0001"), ("6", "ST*837", "ST*8"),
            ("7", "ST*837*0001", "ST*837*1"),
            ("18", "ST*837", "ST*270"), ("19", "*0001*005010X222A1", "*0001*005010X223A2"),
            ("19", "*0001*005010X222A1", "*0001"), ("23", "ST*837*0002", "ST*837*0001"),
        ])
    func sets(_ code: String, _ old: String, _ new: String) throws {
        let result = try Self.results(Self.claims, [(old, new)])
        let group = try #require(result.groups?.first)
        #expect(group.code == "P" && group.accepted == 1)
        #expect(group.sets.first { $0.code == "R" }?.errors.contains(code) == true)
    }

    @Test(
        "a fault of a segment has its code and its position",
        arguments: [
            ("1", 6, "HL*1**20*1~", "QQQ*1~\nHL*1**20*1~"),
            ("2", 6, "HL*1**20*1~", "SV1*HC:1*1~\nHL*1**20*1~"),
            ("6", 6, "HL*1**20*1~", "PO1*1~\nHL*1**20*1~"),
            ("3", 6, "HL*1**20*1~\n", ""),
            ("3", 5, "NM1*40*2*DAYBOOK HEALTH PLAN*****46*66783JJT~\n", ""),
            ("4", 6, "HL*1**20*1~", "NM1*40*2*X*****46*Y~\nHL*1**20*1~"),
            ("5", 10, "N4*MIAMI", "N3*ELSEWHERE~\nN4*MIAMI"),
            ("7", 7, "PRV*BI*PXC*203BF0100Y~", "CUR*85*USD~\nPRV*BI*PXC*203BF0100Y~"),
            ("8", 6, "HL*1**20*1", "HL*1**20*7"),
        ])
    func segments(_ code: String, _ position: Int, _ old: String, _ new: String) throws {
        let result = try Self.results(Self.claims, [(old, new)])
        let set = try #require(result.groups?.first?.sets.first)
        let issue = set.issues.first { $0.code == code }
        #expect(issue?.position == position, "\(set.issues)")
    }

    @Test(
        "a fault of an element has its code and its place",
        arguments: [
            ("1", 3, "SV1*HC:99213*60*UN", "SV1*HC:99213*60*"),
            ("2", 6, "*EX*231", "*EX"), ("3", 3, "N3*234 SEAWAY ST", "N3*234 SEAWAY ST*B*C"),
            ("4", 3, "N4*MIAMI*FL*331110000", "N4*MIAMI*FL*33"),
            ("5", 1, "N3*234 SEAWAY ST", "N3*" + String(repeating: "A", count: 56)),
            ("6", 3, "NM1*85*2*BEN", "NM1*85*2*\u{7}BEN"),
            ("6", 2, "CLM*26463774*100", "CLM*26463774*1.0.0"),
            ("7", 3, "DMG*D8*19430501*F", "DMG*D8*19430501*Q"),
            ("8", 2, "DMG*D8*19430501", "DMG*D8*19430229"), ("9", 5, "*1023*CH", "*2460*CH"),
            ("10", 7, "N4*MIAMI*FL*331110000", "N4*MIAMI*FL*331110000*US***X"),
            ("12", 1, "SV1*HC:99213", "SV1*HC:99213^HC:1"),
            ("13", 3, "NM1*85*2*BEN", "NM1*85*2*BEN:X"),
            ("I10", 6, "*60*UN*1***1", "*60*UN*1**Y*1"), ("I12", 1, "HL*2*1*22", "HL*5*1*22"),
        ])
    func elements(_ code: String, _ position: Int, _ old: String, _ new: String) throws {
        let result = try Self.results(Self.claims, [(old, new)])
        let set = try #require(result.groups?.first?.sets.first)
        #expect(set.issues.count == 1, "\(set.issues)")
        let element = try #require(set.issues.first?.elements.first)
        #expect(element.code == code && element.position == position, "\(element)")
        #expect(set.errors == ["5"])
        if code == "6" || code == "1" || code == "2" { #expect(element.badValue == nil) }
    }

    @Test("no table is left out, and each is found by its set and version")
    func tables() throws {
        let sets = try GrammarLibrary.standard().sets
        #expect(sets.count == 11)
        #expect(Set(sets.map(\.version)).count == 9)
    }

    @Test("the policy of a partner says when a TA1 is sent")
    func policies() throws {
        let bytes = try Vectors.bytes(Self.claims)
        let asked = try Vectors.bytes("valid/v34_min_control_numbers.edi")
        let bad = try Vectors.bytes("broken/b001_iea02_mismatch.edi")
        let sender = X12Partners.Identity(qualifier: "ZZ", id: "CLINICA")
        let rows: [(X12Partners.AcknowledgmentPolicy, [Bool])] = [
            (.asRequested, [false, true, true]), (.always, [true, true, true]),
            (.never, [false, false, false]),
        ]
        for (policy, expected) in rows {
            var partners = try Vectors.partners()
            partners.senders[sender] = policy
            let given = try [bytes, asked, bad].map {
                try Vectors.results($0, partners: partners).first?.ta1 != nil
            }
            #expect(given == expected, "\(policy)")
        }
    }

    @Test("what partners answer is read: TA1, 999, 277CA, with the numbers that they answer")
    func inbound() throws {
        func read(_ file: String) throws -> [PartnerAnswer] {
            let bytes = try Vectors.bytes(file)
            return PartnerAnswerReader.answers(in: bytes.span)
        }
        #expect(
            try read("valid/v47_ta1_rejected_025.edi") == [
                .interchange(controlNumber: "000000456", code: "R", note: "025")
            ])
        #expect(
            try read("valid/v45_999_partial.edi") == [
                .set(
                    functionalID: "BE", group: "79", setID: "834", controlNumber: "0001",
                    code: "A"),
                .set(
                    functionalID: "BE", group: "79", setID: "834", controlNumber: "0002",
                    code: "R"),
                .group(functionalID: "BE", controlNumber: "79", code: "P"),
            ])
        #expect(
            try read("golden/g04_277ca_accept_and_reject.edi") == [
                .claims(reference: "CLM0001", category: "A1"),
                .claims(reference: "26463774", category: "A2"),
                .claims(reference: "26463776", category: "A7"),
            ])
        #expect(try read("valid/v25_837i.edi").isEmpty)
    }
}

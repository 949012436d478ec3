import Testing
import X12

/// One controlled fault in a good file each, and the one answer that it gets.
@Suite struct FaultTests {
    /// What the sets of a changed file are answered with, such as `NM1@16 7` or `HL@5 8 (3 7)`: of
    /// an element its place and its code.
    private static func answers(_ file: String, _ changes: [(String, String)]) throws -> [String] {
        var text = String(decoding: try Vectors.bytes(file), as: UTF8.self)
        for (old, new) in changes {
            let range = try #require(text.firstRange(of: old), "\(old) is not in \(file)")
            text.replaceSubrange(range, with: new)
        }
        let results = try Vectors.results(Array(text.utf8), partners: Vectors.partners())
        let sets = try #require(results.first?.groups?.first?.sets)
        return sets.flatMap(\.issues).map { issue in
            let elements = issue.elements.map { element in
                let component = element.component.map { ":\($0)" } ?? ""
                return " (\(element.position)\(component) \(element.code))"
            }
            return "\(issue.segmentID)@\(issue.position) \(issue.code)" + elements.joined()
        }
    }

    private static let claims = "valid/v42_gs06_no_padding_st02_padded.edi"
    private static let subscribers = "valid/v24_837p_no_newlines_gt.edi"
    private static let remittance = "valid/v17_835_two_st.edi"
    private static let status = "valid/v07_276_three_claims_isa14.edi"
    private static let institution = "valid/v25_837i.edi"
    private static let dental = "valid/v28_837d.edi"
    private static let enrollment = "valid/v11_834_termination.edi"

    @Test(
        "a wrong or foreign qualifier opens no loop and takes no other's place",
        arguments: [
            (remittance, "DTM*472*20241201", "DTM*QQQ*20241201", "DTM@16 8 (1 7)"),
            (remittance, "SVC*AD:D0120*46*25**1~\n", "", "SVC@15 3"),
            (remittance, "DTM*405*20250105~", "REF*QQ*1~DTM*405*20250105~", "REF@4 8 (1 7)"),
            (remittance, "PER*BL", "PER*QQ", "PER@8 8 (1 7)"),
            (status, "REF*BLT*111", "REF*QQQ*111", "REF@13 8 (1 7)"),
            (
                claims, "DTP*472*D8*20241203", "DTP*472*D8*20241203~DTP*999*D8*20241203",
                "DTP@25 8 (1 7)"
            ),
            (claims, "REF*EI*587654321", "REF*QQ*587654321", "REF@11 8 (1 7)"),
            (claims, "REF*EI*587654321", "REF*SY1*587654321", "REF@11 8 (1 7)"),
            (claims, "DTP*472*D8*20241203", "DTP*431*D8*20241203", "DTP@24 8 (1 7)"),
        ])
    func qualifiers(_ file: String, _ old: String, _ new: String, _ answer: String) throws {
        #expect(try Self.answers(file, [(old, new)]) == [answer])
    }

    @Test(
        "an HL with a fault is one fault, and so is one that is missing or doubled",
        arguments: [
            (subscribers, "HL*3*1*22*0", "HL*3*1*99*0", "HL@28 8 (3 7)"),
            (subscribers, "HL*3*1*22*0", "HL*3*1**0", "HL@28 8 (3 1)"),
            (subscribers, "HL*3*1*22*0~", "", "HL@28 3"),
            (status, "HL*5*3*22*0", "HL*5*3*99*0", "HL@17 8 (3 7)"),
            (status, "HL*5*3*22*0", "HL*5*4*22*0", "HL@17 8 (2 I12)"),
            (status, "HL*5*3*22*0", "HL*9*3*22*0", "HL@17 8 (1 I12)"),
            (status, "HL*1**20*1~\n", "", "HL@3 3"),
            (status, "HL*2*1*21*1~\n", "", "HL@5 3"),
            (status, "HL*7*6*22*1~\n", "", "HL@27 3"),
            (status, "HL*2*1*21*1~", "HL*2*1*21*1~HL*2*1*21*1~", "HL@6 5"),
        ])
    func levels(_ file: String, _ old: String, _ new: String, _ answer: String) throws {
        #expect(try Self.answers(file, [(old, new)]) == [answer])
    }

    @Test(
        "of two neighbours that changed places the first is out of sequence",
        arguments: [
            (
                "N3*236 N MAIN ST~\nN4*MIAMI*FL*334130000~",
                "N4*MIAMI*FL*334130000~\nN3*236 N MAIN ST~", "N4@15 7"
            ),
            (
                "N4*MIAMI*FL*334130000~\nDMG*D8*19430501*F~",
                "DMG*D8*19430501*F~\nN4*MIAMI*FL*334130000~", "DMG@16 7"
            ),
            (
                "REF*D9*17312345600006351~\nHI*ABK:R519*ABF:J020~",
                "HI*ABK:R519*ABF:J020~\nREF*D9*17312345600006351~", "HI@20 7"
            ),
            ("LX*1~\nSV1*HC:99213*60*UN*1***1~", "SV1*HC:99213*60*UN*1***1~\nLX*1~", "SV1@22 7"),
            (
                "CLM*26463774*100***11:B:1*Y*A*Y*I~\nREF*D9*17312345600006351~",
                "REF*D9*17312345600006351~\nCLM*26463774*100***11:B:1*Y*A*Y*I~", "REF@19 7"
            ),
            ("REF*EI*587654321~\nHL*2*1*22*0~", "HL*2*1*22*0~\nREF*EI*587654321~", "HL@11 7"),
        ])
    func order(_ old: String, _ new: String, _ answer: String) throws {
        #expect(try Self.answers(Self.claims, [(old, new)]) == [answer])
    }

    @Test("a header that comes twice is one fault")
    func doubled() throws {
        #expect(try Self.answers(Self.claims, [("LX*1~", "LX*1~LX*1~")]) == ["LX@23 5"])
        #expect(
            try Self.answers(Self.remittance, [("N1*PR*", "N1*PR*A~\nN1*PR*")]) == ["N1@6 4"])
    }

    @Test("a missing segment stands before those of its kind that came")
    func missing() throws {
        let found = try Self.answers(Self.institution, [("HI*ABK:I10~\n", "")])
        #expect(found == ["HI@22 3"])
    }

    @Test(
        "dates have eight digits, codes are of their lists, and unused elements stay empty",
        arguments: [
            (claims, "*20250106*1023", "*250106*1023", "BHT@2 8 (4 8)"),
            (remittance, "SVC*AD:D0120", "SVC*QQ:D0120", "SVC@15 8 (1:1 7)"),
            (claims, "HI*ABK:R519*ABF:J020", "HI*ABK:R519*QQQ:J020", "HI@21 8 (2:1 7)"),
            (claims, "PER*IC*JERRY*TE", "PER*IC*JERRY*QQ", "PER@4 8 (3 7)"),
            (claims, "REF*EI*587654321", "REF*EI*587654321*A", "REF@11 8 (3 I10)"),
            (claims, "*XX*1234567893", "*XX*1234567893***A", "NM1@8 8 (12 I10)"),
        ])
    func elements(_ file: String, _ old: String, _ new: String, _ answer: String) throws {
        #expect(try Self.answers(file, [(old, new)]) == [answer])
    }

    @Test("what the guides do not ask for is not asked for")
    func situational() throws {
        let ambulance = "CR1*LB*140**A*DH*12~\nHI*ABK:R519"
        #expect(try Self.answers(Self.claims, [("HI*ABK:R519", ambulance)]).isEmpty)
    }

    @Test("a wrong ST02 is told by IK502 alone")
    func setNumber() throws {
        #expect(try Self.answers(Self.claims, [("*0001*", "*1*"), ("*0001~", "*1~")]).isEmpty)
    }

    @Test("a file without an interchange has one entry; one cut after ISA is cut, not malformed")
    func files() throws {
        let none = "{\"isa13\":null,\"ta1\":null,\"ack999\":null,\"quarantine\":true}"
        #expect(InterchangeResult.json([]) == "{\"interchanges\":[\(none)]}")
        let bytes = try Vectors.bytes(Self.claims)
        let partners = try Vectors.partners()
        let cut = try Vectors.results(Array(bytes.prefix(120)), partners: partners)
        #expect(cut.first?.ta1?.note == "023")
        // A damaged separator shifts the elements: nothing of it can be repeated in a TA1.
        var damaged = bytes
        damaged[20] = 0
        let results = try Vectors.results(damaged, partners: partners)
        #expect(results.count == 1 && results[0].isQuarantined && results[0].ta1 == nil)
    }
}

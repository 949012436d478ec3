import DaybookConfiguration
import Events
import Foundation
import Testing

/// The files of `partners/`.
@Suite struct PartnerTests {
    static let least = """
        partner: CLINIC
        own: { qualifier: ZZ, id: DAYBOOK }
        identity: { qualifier: ZZ, id: CLINIC }

        """

    /// A configuration of partners alone, each in a file of its own.
    private func load(_ files: String..., settings: String? = nil) throws -> LoadResult {
        let folder = try TemporaryFolder()
        for (name, text) in zip("abcdefgh", files) {
            try folder.write("partners/\(name).yaml", text)
        }
        if let settings { try folder.write("daybook.yaml", settings) }
        return try folder.load()
    }

    private func rule(
        _ type: String, window: UInt64 = 0, sla: UInt64 = 0, within: UInt64 = 0, most: UInt64 = 100
    ) -> PartnerTypeRule {
        var rule = PartnerTypeRule()
        rule.type = type
        rule.windowSeconds = window
        rule.slaSeconds = sla
        rule.acknowledgedWithinSeconds = within
        rule.outcomesMax = most
        return rule
    }

    @Test("A partner with the least that it needs has every default")
    func defaults() throws {
        let result = try load(Self.least + "accepts: [276, 837P, 270]\n")
        #expect(result.problems.map(\.description) == [])
        let partner = try #require(result.set?.partners.first)
        #expect(partner.name == "CLINIC" && partner.description == "")
        #expect(partner.own?.name == "ZZ:DAYBOOK" && partner.own?.group == "DAYBOOK")
        #expect(partner.partner?.name == "ZZ:CLINIC" && partner.partner?.group == "CLINIC")
        #expect(partner.delimiters == "*^:~" && partner.usage == "P")
        #expect(partner.acknowledgments == "isa14" && !partner.requestsAcknowledgment)
        #expect(partner.versions == ["00501"] && partner.usages == ["P", "T"])
        #expect(partner.authorizations == ["00", "03"] && partner.securities == ["00", "01"])
        #expect(partner.accepts == ["270", "276", "837P"])
        // No file of 277 is assembled, so that none answers a 276 by default.
        #expect(partner.sends == ["TA1", "999", "271", "277CA"])
        #expect(
            partner.rules == [
                rule("TA1", sla: 300), rule("999", window: 300, sla: 900),
                rule("270", most: 0), rule("271", window: 120, sla: 300, within: 900),
                rule("276", most: 0),
                rule("277CA", window: 3_600, sla: 14_400, within: 900), rule("837P", most: 0),
            ])
        #expect(partner.numbers == [] && partner.duplicateDays == 30 && partner.contacts == [])
    }

    @Test("Every field is read, as a word with quotes or without")
    func everyField() throws {
        let folder = try TemporaryFolder()
        try folder.write("contacts.yaml", "contacts: { b: { log: true }, a: { log: true } }\n")
        try folder.write(
            "partners/a.yaml",
            """
            # yaml-language-server: $schema=../schemas/partner.schema.json
            partner: 4711
            description: Clinic group A
            own: { qualifier: "30", id: 123456789, group: DAYBOOK }
            identity: { qualifier: 01, id: A B-C.D, group: AB }
            delimiters: { element: "|", repetition: "\\x1D", component: ">", terminator: "\\n" }
            usage: T
            acknowledgments: always
            requestAcknowledgment: true
            versions: [00501, "00402"]
            accepts: ["999", 835, "270"]
            sends: [834, "271"]
            windows: { 271: 0, "999": 14 }
            slas: { 271: 0, 834: 60 }
            acknowledgedWithin: { TA1: 7, 999: 0 }
            batch: 1000
            controlNumbers:
              - { kind: ISA, start: 10, last: 99 }
              - { kind: GS, type: HB, wrap: on }
              - { kind: GS, wrap: false }
              - { kind: ST, type: 271, start: 1000 }
            duplicateDays: 90
            usages: [T, I]
            authorizations: ["00"]
            securities: [00]
            contacts: [b, a, b]
            """)
        let result = try folder.load()
        #expect(result.problems.map(\.description) == [])
        let partner = try #require(result.set?.partners.first)
        #expect(partner.name == "4711" && partner.description == "Clinic group A")
        #expect(partner.own?.name == "30:123456789" && partner.own?.group == "DAYBOOK")
        #expect(partner.partner?.name == "01:A B-C.D" && partner.partner?.group == "AB")
        #expect(partner.delimiters == "|\u{1D}>\n" && partner.usage == "T")
        #expect(partner.acknowledgments == "always" && partner.requestsAcknowledgment)
        #expect(partner.versions == ["00402", "00501"] && partner.usages == ["T", "I"])
        #expect(
            partner.accepts == ["270", "835"] && partner.sends == ["TA1", "999", "271", "834"])
        #expect(
            partner.rules == [
                rule("TA1", sla: 300, most: 1_000),
                rule("999", window: 840, sla: 900, within: 420, most: 1_000), rule("270", most: 0),
                rule("271", most: 1_000), rule("834", sla: 3_600, most: 1_000),
                rule("835", most: 0),
            ])
        #expect(partner.numbers.map(\.kind) == ["ISA", "GS", "GS", "ST"])
        #expect(partner.numbers.map(\.type) == ["", "HB", "", "271"])
        #expect(partner.numbers.map(\.start) == [10, 0, 0, 1_000])
        #expect(partner.numbers.map(\.last) == [99, 0, 0, 0])
        #expect(partner.numbers.map(\.wrap) == ["", "on", "off", ""])
        #expect(partner.duplicateDays == 90 && partner.contacts == ["a", "b"])
        #expect(partner.authorizations == ["00"] && partner.securities == ["00"])
    }

    @Test("JSON and YAML of the same meaning, in any order, give the same partner")
    func formats() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "partners/a.json",
            #"{"identity": {"id": "CLINIC", "qualifier": "ZZ"}, "sends": ["999", "834"],"#
                + #" "own": {"id": "DAYBOOK", "qualifier": "ZZ"}, "windows": {"834": 5},"#
                + #" "partner": "CLINIC"}"#)
        let json = try folder.load()
        let yaml = try load(Self.least + "windows: { 834: 5 }\nsends: [834]\n")
        #expect(json.problems + yaml.problems == [])
        #expect(json.set?.partners == yaml.set?.partners && json.set?.partners.count == 1)
    }

    /// What is added to the least, the line and field that are named, and a part of what is said.
    static let wrong: [(String, String, String)] = [
        ("acccepts: []", "4: error: acccepts", "did you mean accepts?"),
        ("accepts: [837]", "4: error: accepts[0]", "did you mean 837P or 837I or 837D?"),
        ("accepts: [272]", "4: error: accepts[0]", "use one of TA1, 999"),
        ("accepts: [277-ca]", "4: error: accepts[0]", "did you mean 277CA?"),
        ("accepts: 270", "4: error: accepts", "write a list"),
        ("sends: [270]", "4: error: sends[0]", "no file of 270 is assembled"),
        ("sends: [277]", "4: error: sends[0]", "no file of 277 is assembled"),
        ("windows: { 834: 1 }", "4: error: windows.834", "834 is none of the types that are sent"),
        ("windows: { 999: 2m }", "4: error: windows.999", "a whole number of minutes"),
        ("windows: { 999: -1 }", "4: error: windows.999", "a whole number of minutes"),
        ("windows: { 999: 15 }", "4: error: windows.999", "the file is due after 15"),
        ("slas: { 999: 5 }", "4: error: slas.999", "are gathered for 5 minutes"),
        ("slas: { 99: 5 }", "4: error: slas.99", "did you mean 999?"),
        ("acknowledgedWithin: { 834: 5 }", "4: error: acknowledgedWithin.834", "none of the types"),
        ("batch: 0", "4: error: batch", "1 to 1000"),
        ("duplicateDays: 91", "4: error: duplicateDays", "1 to 90"),
        ("usage: test", "4: error: usage", "use P or T"),
        ("usages: [PP]", "4: error: usages[0]", "did you mean P?"),
        ("authorizations: []", "4: error: authorizations", "nothing is taken"),
        ("acknowledgments: isa-14", "4: error: acknowledgments", "did you mean isa14?"),
        ("requestAcknowledgment: 1", "4: error: requestAcknowledgment", "true or false"),
        ("versions: [00401]", "4: error: versions[0]", "from 00402 on"),
        ("versions: [501]", "4: error: versions[0]", "such as 00501"),
        ("delimiters: { element: \"~\" }", "4: error: delimiters.terminator", "four different"),
        ("delimiters: { element: A }", "4: error: delimiters.element", "no character"),
        ("delimiters: { element: \".\" }", "4: error: delimiters.element", "no character"),
        ("delimiters: { element: é }", "4: error: delimiters.element", "no character"),
        ("delimiters: { element: \"**\" }", "4: error: delimiters.element", "no character"),
        ("controlNumbers: [{ kind: IEA }]", "4: error: controlNumbers[0].kind", "ISA"),
        (
            "controlNumbers: [{ kind: ISA, type: 271 }]", "4: error: controlNumbers[0].type",
            "remove"
        ),
        ("controlNumbers: [{ kind: ST, type: 271 }]", "4: error: controlNumbers[0].type", "999"),
        ("controlNumbers: [{ kind: ST, type: TA1 }]", "4: error: controlNumbers[0].type", "999"),
        ("controlNumbers: [{ kind: GS, type: HB }]", "4: error: controlNumbers[0].type", "FA"),
        ("controlNumbers: [{ kind: ST, start: 0 }]", "4: error: controlNumbers[0].start", "1 to"),
        (
            "controlNumbers: [{ kind: ST, last: 1000000000 }]", "4: error: controlNumbers[0].last",
            "1 to 999999999"
        ),
        (
            "controlNumbers: [{ kind: ST, start: 9, last: 8 }]",
            "4: error: controlNumbers[0].start", "(9) is after the last (8)"
        ),
        (
            "controlNumbers: [{ kind: ST, wrap: x }]", "4: error: controlNumbers[0].wrap",
            "on or off"
        ),
        (
            "controlNumbers: [{ kind: ST }, { kind: ST, type: 999 }]",
            "4: error: controlNumbers[1]", "a range before it"
        ),
    ]

    @Test("What is wrong is said, with its line, field and remedy", arguments: wrong.indices)
    func problems(_ index: Int) throws {
        let (line, place, part) = Self.wrong[index]
        let result = try load(Self.least + line + "\n")
        #expect(result.set == nil)
        #expect(result.places == ["partners/a.yaml:" + place])
        #expect(result.problems.first?.description.contains(part) == true, "\(result.problems)")
    }

    /// Three lines in place of the least, and what is said.
    static let wrongNames: [(String, String, String, String)] = [
        ("partner: A/B", "", "", "'A/B' is no name of a partner"),
        ("partner: ..", "", "", "'..' is no name of a partner"),
        ("partner: A234567890123456", "", "", "the name has 16 characters"),
        ("partner: é", "", "", "is no name of a partner"),
        ("description: x", "", "", "the field partner is missing"),
        ("", "own: { qualifier: Z, id: US }", "", "'Z' is no qualifier of the standard"),
        ("", "own: { qualifier: zz, id: US }", "", "did you mean 'ZZ'?"),
        ("", "own: { qualifier: 1, id: US }", "", "did you mean '01'?"),
        ("", "own: { id: US }", "", "the field qualifier is missing"),
        ("", "own: { qualifier: ZZ, id: A234567890123456 }", "", "none is ever cut"),
        ("", "own: { qualifier: ZZ, id: \"US \" }", "", "starts or ends with a blank"),
        ("", "own: { qualifier: ZZ, id: \"\" }", "", "it has 0 characters"),
        ("", "own: { qualifier: ZZ, id: U*S }", "", "holds one of the partner's delimiters"),
        ("", "own: { qualifier: ZZ, id: Ü }", "", "it holds what envelopes cannot"),
        ("", "own: { qualifier: ZZ, id: U }", "", "add group"),
        ("", "", "identity: { qualifier: ZZ, id: THEM, group: X }", "GS02 and GS03 hold 2 to 15"),
        ("", "", "identity: { qualifier: ZZ, id: DAYBOOK }", "as they name us"),
    ]

    @Test(
        "Names that envelopes cannot hold are refused, and never cut", arguments: wrongNames.indices
    )
    func names(_ index: Int) throws {
        let (name, own, identity, part) = Self.wrongNames[index]
        let lines = Self.least.split(separator: "\n").map(String.init)
        let given = zip([name, own, identity], lines).map { $0.isEmpty ? $1 : $0 }
        let result = try load(given.joined(separator: "\n") + "\n")
        #expect(result.set == nil && result.problems.count == 1, "\(result.problems)")
        #expect(result.problems.first?.description.contains(part) == true, "\(result.problems)")
    }

    @Test("What has no effect is a warning")
    func withoutEffect() throws {
        let result = try load(Self.least + "acknowledgedWithin: { TA1: 5, 277CA: 240 }\n")
        #expect(result.set != nil)
        #expect(
            result.places == [
                "partners/a.yaml:4: warning: acknowledgedWithin.TA1",
                "partners/a.yaml:4: warning: acknowledgedWithin.277CA",
            ])
    }

    @Test("A range is checked with what the settings give to it")
    func settings() throws {
        let range = Self.least + "controlNumbers: [{ kind: ISA, start: 100000 }]\n"
        #expect(try load(range).problems == [])
        let short = try load(range, settings: "controlNumberMax: 99999\n")
        #expect(short.errors == ["the first number (100000) is after the last (99999)"])
    }

    @Test("Two partners have two names, and two identities for one of ours")
    func twins() throws {
        let renamed = Self.least.replacing("partner: CLINIC", with: "partner: OTHER")
        let same = try load(Self.least, renamed)
        #expect(same.places == ["partners/b.yaml:3: error: identity"])
        #expect(same.problems.first?.message.contains("partners/a.yaml:3") == true)
        let elsewhere = renamed.replacing("id: DAYBOOK", with: "id: DAYBOOK2")
        #expect(try load(Self.least, elsewhere).set?.partners.map(\.name) == ["CLINIC", "OTHER"])
        let twice = try load(Self.least, Self.least)
        #expect(twice.places == ["partners/b.yaml:1: error: partner"])
        #expect(twice.problems.first?.message.contains("first in partners/a.yaml:1") == true)
    }

    @Test("Contacts are those of contacts.yaml; without one they are a warning")
    func contacts() throws {
        let folder = try TemporaryFolder()
        try folder.write("partners/a.yaml", Self.least + "contacts: [edi-led]\n")
        #expect(try folder.load().places == ["partners/a.yaml:4: warning: contacts[0]"])
        try folder.write("contacts.yaml", "contacts: { edi-lead: { log: true } }\n")
        let result = try folder.load()
        #expect(result.places == ["partners/a.yaml:4: error: contacts[0]"])
        #expect(result.problems.first?.remedy == "did you mean edi-lead?")
    }

    @Test("An overlay changes a partner of the base, field by field, and adds others")
    func overlay() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "partners/a.yaml",
            Self.least + "accepts: [270]\nwindows: { 271: 3, 999: 4 }\nbatch: 10\n")
        try folder.write(
            "environments/dev/partners/x.yaml",
            "partner: CLINIC\nusage: T\nidentity: { id: CLINICTEST }\nwindows: { 271: 1 }\nbatch:\n"
        )
        try folder.write(
            "environments/dev/partners/y.yaml",
            Self.least.replacing("CLINIC", with: "DEVONLY"))
        let base = try #require(try folder.load().set?.partners)
        #expect(base.map(\.name) == ["CLINIC"] && base[0].usage == "P")
        let result = try folder.load(environment: "dev")
        #expect(result.problems.map(\.description) == [])
        let dev = try #require(result.set?.partners)
        #expect(dev.map(\.name) == ["CLINIC", "DEVONLY"])
        #expect(dev[0].usage == "T" && dev[0].partner?.name == "ZZ:CLINICTEST")
        #expect(dev[0].rule(for: "271")?.windowSeconds == 60)
        #expect(dev[0].rule(for: "999")?.windowSeconds == 240)
        #expect(dev[0].rule(for: "999")?.outcomesMax == 100)
        try folder.write("environments/dev/partners/z.yaml", "partner: CLINIC\nusag: T\n")
        #expect(
            try folder.load(environment: "dev").places == [
                "environments/dev/partners/z.yaml:1: error: partner"
            ])
        try folder.write("environments/dev/partners/x.yaml", "partner: OTHER\n")
        #expect(
            try folder.load(environment: "dev").places.contains(
                "environments/dev/partners/z.yaml:2: error: usag"))
    }

    @Test("What stands in partners/ and is no partner is a warning or an error; nothing traps")
    func otherFiles() throws {
        let folder = try TemporaryFolder()
        try folder.write("partners/README.md", "x")
        try folder.write("partners/sub/a.yaml", "x")
        try folder.write("partners/b.yaml", "")
        try folder.write("partners/c.yaml", "[1, 2]\n")
        try folder.write("partners/d.json", "{\"partner\": {\"partner\": []}, \"own\": null}")
        let result = try folder.load()
        #expect(result.set == nil)
        #expect(
            result.places.map { $0.split(separator: ":").prefix(3).joined(separator: ":") } == [
                "partners/README.md:0: warning", "partners/b.yaml:1: error",
                "partners/c.yaml:1: error", "partners/d.json:1: error",
                "partners/d.json:1: error", "partners/d.json:1: error",
                "partners/sub:0: warning",
            ], "\(result.places)")
        let large = try load(
            Self.least + "description: " + String(repeating: "x", count: 17_000) + "\n")
        #expect(large.errors.first?.contains("and a record holds 16384") == true)
    }
}

import DaybookConfiguration
import Foundation
import Testing

@Suite struct SchemaTests {
    private func schema() throws -> [String: Any] {
        let data = Data(ScheduleSchema.text.utf8)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// The names of the properties of an object of the schema.
    private func properties(_ object: Any?) throws -> Set<String> {
        let object = try #require(object as? [String: Any])
        #expect(object["additionalProperties"] as? Bool == false)
        return Set(try #require(object["properties"] as? [String: Any]).keys)
    }

    @Test("Every field that the loader knows stands in the schema, and no other")
    func fields() throws {
        let schema = try schema()
        let definitions = try #require(schema["$defs"] as? [String: Any])
        let tables: [(String, [FieldSpec])] = [
            ("job", JobFields.job), ("target", JobFields.target),
            ("dependency", JobFields.dependency), ("alerts", JobFields.alerts),
        ]
        #expect(try properties(schema) == Set(JobFields.file.map(\.name)))
        for (name, table) in tables {
            let object = definitions[name] as? [String: Any]
            #expect(try properties(object) == Set(table.map(\.name)))
            let required = Set(object?["required"] as? [String] ?? [])
            #expect(required == Set(table.filter(\.isRequired).map(\.name)))
        }
        let override = try #require(definitions["override"] as? [String: Any])
        let names = try #require(override["propertyNames"] as? [String: Any])
        #expect(Set(names["enum"] as? [String] ?? []) == Set(JobFields.job.map(\.name)))
    }

    @Test("Every reference of the schema leads somewhere, and its dialect is draft 2020-12")
    func references() throws {
        let schema = try schema()
        #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        let definitions = try #require(schema["$defs"] as? [String: Any])
        var pending: [Any] = [schema]
        var count = 0
        while let value = pending.popLast() {
            if let list = value as? [Any] { pending += list }
            guard let map = value as? [String: Any] else { continue }
            if let reference = map["$ref"] as? String {
                count += 1
                #expect(definitions[String(reference.dropFirst("#/$defs/".count))] != nil)
            }
            pending += map.values
        }
        #expect(count > 10)
    }

    @Test("The schema of partners has every field, and every reference leads somewhere")
    func partners() throws {
        let object = try JSONSerialization.jsonObject(with: Data(PartnerSchema.text.utf8))
        let schema = try #require(object as? [String: Any])
        #expect(try properties(schema) == Set(Self.names("partner")))
        let definitions = try #require(schema["$defs"] as? [String: Any])
        for (name, table) in [
            ("identity", "identity"), ("delimiters", "delimiters"),
            ("controlNumbers", "control numbers"),
        ] {
            #expect(try properties(definitions[name]) == Set(Self.names(table)))
        }
        let references = PartnerSchema.text.matches(of: /#\/\$defs\/([A-Za-z]+)/).map(\.1)
        #expect(references.count > 8)
        for name in references { #expect(definitions[String(name)] != nil, "\(name)") }
        let file = SampleConfiguration.files.first { $0.path.hasSuffix("partner.schema.json") }
        #expect(file?.text == PartnerSchema.text)
    }

    @Test("The schema that init writes is the schema")
    func shipped() throws {
        let file = SampleConfiguration.files.first { $0.path.hasSuffix("schedule.schema.json") }
        #expect(file?.text == ScheduleSchema.text)
    }

    @Test("The documentation has every setting, variable and default, and nothing else")
    func settingsTable() throws {
        #expect(try section("settings") == SettingSpec.markdownTable)
    }

    /// A part of the documentation, and the fields that it must have.
    static let parts: [(String, [FieldSpec])] =
        [
            ("schedule files", JobFields.file), ("job", JobFields.job),
            ("target", JobFields.target),
            ("dependency", JobFields.dependency), ("alerts", JobFields.alerts),
        ] + OtherFields.all

    @Test(
        "The documentation has every field of every file, and nothing else",
        arguments: parts.indices)
    func fieldTables(_ index: Int) throws {
        let (name, fields) = Self.parts[index]
        let rows = try section(name).split(separator: "\n").dropFirst(2)
        let names = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        #expect(names == fields.map(\.name))
    }

    /// The names of a table's fields.
    private static func names(_ table: String) -> [String] {
        OtherFields.all.first { $0.0 == table }?.1.map(\.name) ?? []
    }

    /// What stands between `<!-- NAME -->` and `<!-- end -->`.
    private func section(_ name: String) throws -> String {
        let text = try String(
            contentsOfFile: repository + "/docs/configuration.md", encoding: .utf8)
        let start = try #require(text.range(of: "<!-- \(name) -->\n"), "no section \(name)")
        let rest = text[start.upperBound...]
        let end = try #require(rest.range(of: "<!-- end -->"))
        return String(rest[..<end.lowerBound])
    }
}

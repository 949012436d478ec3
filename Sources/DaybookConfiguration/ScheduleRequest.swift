import Events

extension ScheduleNames {
    /// The schedules of a file as JSON objects: of one in the form of `schedules/`, of a list, or
    /// of one schedule alone.
    ///
    /// What stands in them is for the engine to read.
    ///
    /// - Parameter file: its name, which says whether it is YAML.
    /// - Throws: `Refusal`.
    public static func schedules(
        inFile file: String, _ bytes: [UInt8]
    ) throws(Refusal) -> [String] {
        var log = ProblemLog()
        guard let text = String(validating: bytes, as: UTF8.self) else {
            log.error(SourcePlace(file), "", "the file is not UTF-8 text", "save it as UTF-8")
            throw Refusal(log)
        }
        let isYAML = file.hasSuffix(".yaml") || file.hasSuffix(".yml")
        let root: SourceNode
        do throws(SourceError) {
            root =
                isYAML
                ? try YAMLReader.read(text, file: file) : try JSONReader.read(bytes, file: file)
        } catch {
            log.error(
                error.place, "\(file):\(error.place.line)", error.message, error.remedy)
            throw Refusal(log)
        }
        switch (root["jobs"] ?? root).value {
        case .list(let items): return items.map(\.json)
        case .map: return [root.json]
        default:
            log.error(root.place, file, "no schedule stands in it", "write jobs:, or one schedule")
            throw Refusal(log)
        }
    }

    /// The fields of the configuration's job types as JSON, sorted by name.
    public var jobTypeFields: [(name: String, fields: String)] {
        jobTypes.types.sorted { precedes($0.key, $1.key) }.map { ($0.key, $0.value.json) }
    }
}

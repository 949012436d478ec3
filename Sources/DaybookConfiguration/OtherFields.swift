/// The fields of files other than schedules, each list with its name in the documentation.
package enum OtherFields {
    /// Every list.
    package static let all: [(String, [FieldSpec])] = [
        ("calendar", CalendarReader.fields), ("holiday", CalendarReader.holidayFields),
        ("blackouts", BlackoutsReader.fileFields), ("blackout", BlackoutsReader.fields),
        ("trigger", TriggerReader.fields), ("exclude", JobFields.exclusion),
        ("targets", TargetsReader.fileFields), ("target entry", TargetsReader.entryFields),
        ("process", TargetsReader.processFields), ("http", TargetsReader.httpFields),
        ("jobs file", JobTypesReader.fileFields), ("limit", JobTypesReader.limitFields),
        ("backoff", JobFields.backoff),
        ("contacts", ContactsReader.fileFields), ("contact", ContactsReader.fields),
        ("secret", SettingsReader.secretFields),
    ]
}

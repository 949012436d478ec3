/// The fields of files other than schedules, each list with its name in the documentation.
package enum OtherFields {
    /// Every list.
    package static let all: [(String, [FieldSpec])] = [
        ("calendar", CalendarReader.fields), ("holiday", CalendarReader.holidayFields),
        ("blackouts", BlackoutsReader.fileFields), ("blackout", BlackoutsReader.fields),
        ("trigger", TriggerReader.fields), ("exclude", JobFields.exclusion),
        ("targets", TargetsReader.fileFields), ("target entry", TargetsReader.entryFields),
        ("process", TargetsReader.processFields), ("worker", TargetsReader.workerFields),
        ("http", TargetsReader.httpFields),
        ("exchange", ExchangeTargetReader.fields), ("party", ExchangeTargetReader.partyFields),
        ("jobs file", JobTypesReader.fileFields), ("limit", JobTypesReader.limitFields),
        ("backoff", JobFields.backoff), ("failureAlert", JobFields.failureAlert),
        ("reminder", JobFields.reminder), ("forEach", FanOut.fields), ("files", JobFields.files),
        ("contacts", ContactsReader.fileFields), ("contact", ContactsReader.fields),
        ("adapter", AdapterReader.fields), ("mail", MailReader.fields),
        ("templates", ContactsReader.templateFields),
        ("secret", SettingsReader.secretFields),
        ("partner", PartnerFields.partner), ("identity", PartnerFields.identity),
        ("delimiters", PartnerFields.delimiters),
        ("control numbers", PartnerFields.controlNumbers),
    ]

    /// The names that may stand in templates of notifications, in the order of the documentation.
    package static var notificationVariables: [String] { ContactsReader.variables }
}

/** Which rule a statement broke: one of the schema, or an expectation of revision.ts or quotas.ts. D1 tells by words only, and drizzle wraps them. */
export function brokenConstraint(thrown: unknown): 'unique' | 'foreignKey' | 'revision' | 'quota' | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (/UNIQUE constraint failed/i.test(error.message)) return 'unique'
    if (/bad JSON path/i.test(error.message)) return 'quota'
    if (/malformed JSON/i.test(error.message)) return 'revision'
    if (/FOREIGN KEY constraint failed/i.test(error.message)) return 'foreignKey'
  }
  return undefined
}

/** Which rule of the schema a statement broke. D1 tells by words only, and drizzle wraps them. */
export function brokenConstraint(thrown: unknown): 'unique' | 'foreignKey' | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (/UNIQUE constraint failed/i.test(error.message)) return 'unique'
    if (/FOREIGN KEY constraint failed/i.test(error.message)) return 'foreignKey'
  }
  return undefined
}

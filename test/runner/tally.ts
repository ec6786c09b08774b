/** Something that either holds or does not: a test, or a check such as lint. */
export interface Outcome {
  readonly name: string
  readonly passed: boolean
}

/** The last line of a test run. */
export function summaryLine(outcomes: readonly Outcome[]): string {
  const passed = outcomes.filter((outcome) => outcome.passed).length
  return `${passed} passed, ${outcomes.length - passed} failed`
}

/** Success takes at least one test. */
export function isSuccess(outcomes: readonly Outcome[]): boolean {
  return outcomes.length > 0 && outcomes.every(({ passed }) => passed)
}

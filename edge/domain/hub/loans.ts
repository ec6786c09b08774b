import { Change } from './Change.ts'
import type { HubState } from './state.ts'

/**
 * Names the loan of an account that a visitor borrows from its domain's pool (CRED-1): the same one for as
 * long as it has a session. Null: it has none, and nothing would ever give the account back.
 */
export function beginLoan(state: HubState, newLoanId: string): { loanId: string | null; change: Change } {
  const change = new Change(state)
  if (state.sessions.length === 0) return { loanId: null, change }
  if (state.loanId !== null) return { loanId: state.loanId, change }
  return { loanId: newLoanId, change: change.set({ loanId: newLoanId }) }
}

/** The account goes back; the end of the last session does the same. */
export const endLoan = (state: HubState): Change => new Change(state).endLoan()

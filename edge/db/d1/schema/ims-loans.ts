import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { credentials } from './credentials.ts'

/**
 * Who has which account of a domain's pool (CRED-1). A row is made when its account is lent for the first
 * time and then stays, so that an account rests as long as it can before the next visitor gets it.
 */
export const imsLoans = sqliteTable(
  'ims_loans',
  {
    credentialId: text('credential_id')
      .primaryKey()
      .references(() => credentials.id, { onDelete: 'cascade' }),
    /** Named by the visitor's hub, a new one for each of its sessions; null: the account is free. */
    loanId: text('loan_id'),
    userId: text('user_id'),
    takenAt: integer('taken_at').notNull(),
    returnedAt: integer('returned_at'),
  },
  (table) => [uniqueIndex('ims_loans_loan').on(table.loanId), index('ims_loans_user').on(table.userId)],
)

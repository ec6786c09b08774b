import { randomBytes, randomInt } from 'node:crypto'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeFileAtomically } from '../system/write-file.ts'

const secretsSchema = z.object({
  masterKey: z.base64(),
  enrolmentSecret: z.string().min(32),
  /** The admin whose password was generated here; the password itself only until that account is known to exist. */
  admin: z.object({ account: z.string(), password: z.string().optional() }).optional(),
  /** Which passwords the demo accounts were created with, in which domain. Absent: there are none yet. */
  demo: z.object({ passwords: z.enum(['easy', 'generated']), domain: z.string() }).optional(),
  /** Passwords of demo accounts that were generated, by username. */
  demoPasswords: z.record(z.string(), z.string()).default({}),
})

export type DemoAccountsNote = NonNullable<z.infer<typeof secretsSchema>['demo']>

type SecretsFile = z.infer<typeof secretsSchema>

/** Letters and digits that are not mistaken for one another when read from a screen. */
const passwordAlphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const passwordLength = 16

/** What this deployment generates for itself, in one file that only its owner may read. */
export class Secrets {
  readonly #path: string
  #file: SecretsFile

  private constructor(path: string, file: SecretsFile) {
    this.#path = path
    this.#file = file
  }

  /** @throws when the file exists but is damaged: a new master key would make all that is stored unreadable. */
  static open(path: string): Secrets {
    if (!existsSync(path)) {
      const secrets = new Secrets(path, {
        masterKey: randomBytes(32).toString('base64'),
        enrolmentSecret: randomBytes(32).toString('base64url'),
        demoPasswords: {},
      })
      secrets.#save()
      return secrets
    }
    try {
      const secrets = new Secrets(path, secretsSchema.parse(JSON.parse(readFileSync(path, 'utf8'))))
      chmodSync(path, 0o600)
      return secrets
    } catch (cause) {
      throw new Error(`${path} is damaged. Restore it from a backup; without its keys, what is stored cannot be read.`, { cause })
    }
  }

  /** 32 bytes, base64. */
  get masterKey(): string {
    return this.#file.masterKey
  }

  get enrolmentSecret(): string {
    return this.#file.enrolmentSecret
  }

  /** The first admin's account, once it is known to exist. */
  get createdAdmin(): string | undefined {
    return this.#file.admin?.password === undefined ? this.#file.admin?.account : undefined
  }

  /** A generated password for the first admin, the same until `noteAdminCreated`; undefined from then on. */
  adminPasswordFor(account: string): string | undefined {
    if (this.createdAdmin !== undefined) return undefined
    if (this.#file.admin?.account !== account) {
      this.#file = { ...this.#file, admin: { account, password: generatePassword() } }
      this.#save()
    }
    return this.#file.admin?.password
  }

  /** The admin exists: its password is known to its owner and not kept. */
  noteAdminCreated(account: string): void {
    if (this.createdAdmin !== undefined) return
    this.#file = { ...this.#file, admin: { account } }
    this.#save()
  }

  /** How the demo accounts of this deployment were created; undefined before they were. */
  get createdDemo(): DemoAccountsNote | undefined {
    return this.#file.demo
  }

  noteDemoCreated(note: DemoAccountsNote): void {
    if (this.#file.demo !== undefined) return
    this.#file = { ...this.#file, demo: note }
    this.#save()
  }

  /** The generated password of a demo account, the same at every start. */
  demoPasswordFor(username: string): string {
    const known = this.#file.demoPasswords[username]
    if (known !== undefined) return known
    const password = generatePassword()
    this.#file = { ...this.#file, demoPasswords: { ...this.#file.demoPasswords, [username]: password } }
    this.#save()
    return password
  }

  #save(): void {
    writeFileAtomically(this.#path, `${JSON.stringify(this.#file, undefined, 2)}\n`, { mode: 0o600 })
  }
}

function generatePassword(): string {
  return Array.from({ length: passwordLength }, () => passwordAlphabet[randomInt(passwordAlphabet.length)]).join('')
}

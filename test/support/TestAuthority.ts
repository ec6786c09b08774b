import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '#infra/system/run-command.ts'

/** A certificate authority for one test, a server certificate of it, and a home folder whose browser trusts it. */
export class TestAuthority {
  /** PEM files. */
  readonly cert: string
  readonly key: string
  /** `HOME` for Chromium, which on Linux reads the NSS database there. */
  readonly home: string
  readonly #folder: string
  readonly #authority: string

  static async create(options: { name: string; address: string }): Promise<TestAuthority> {
    const authority = new TestAuthority(mkdtempSync(join(tmpdir(), 'ringway-authority-')))
    await authority.#make(options)
    return authority
  }

  private constructor(folder: string) {
    this.#folder = folder
    this.#authority = join(folder, 'authority.pem')
    this.cert = join(folder, 'cert.pem')
    this.key = join(folder, 'key.pem')
    this.home = join(folder, 'home')
  }

  /** The authority's own certificate, PEM. */
  get authority(): string {
    return readFileSync(this.#authority, 'utf8')
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #make({ name, address }: { name: string; address: string }): Promise<void> {
    const at = (file: string): string => join(this.#folder, file)
    const openssl = (...args: string[]): Promise<unknown> => runCommand('openssl', args)
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=Ringway test authority',
      '-keyout',
      at('authority.key'),
      '-out',
      this.#authority,
    )
    await openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      this.key,
      '-out',
      at('request.pem'),
    )
    writeFileSync(at('extensions'), `subjectAltName=DNS:${name},IP:${address}\nextendedKeyUsage=serverAuth\n`)
    await openssl(
      'x509',
      '-req',
      '-in',
      at('request.pem'),
      '-CA',
      this.#authority,
      '-CAkey',
      at('authority.key'),
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      at('extensions'),
      '-out',
      this.cert,
    )
    const database = join(this.home, '.pki', 'nssdb')
    mkdirSync(database, { recursive: true })
    await runCommand('certutil', ['-N', '--empty-password', '-d', `sql:${database}`])
    await runCommand('certutil', ['-A', '-d', `sql:${database}`, '-n', 'ringway', '-t', 'C,,', '-i', this.#authority])
  }
}

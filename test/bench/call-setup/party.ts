import type { FirstAudio } from '../browser/AudioTimes.ts'

/** What a page under measurement offers, whatever it runs on. */
export interface Party {
  /** Signs in or connects; the page is then idle and ready to call or to be called. */
  connect(options: Readonly<Record<string, string>>): Promise<void>
  /** Calls; gives when it began to, in milliseconds since the epoch. Being called, a party accepts at once. */
  call(to: string): Promise<number>
  /** When this party first heard the other one. */
  firstAudio(): Promise<FirstAudio>
  hangUp(): Promise<void>
  /** Resolves when nothing is left of the call here. */
  idle(): Promise<void>
}

declare global {
  interface Window {
    party: Party
  }
}

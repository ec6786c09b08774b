import type { DispatcherPort, MediaHostPort, PlacementRequest } from '../ports.ts'
import type { HostPromise } from '../placement/HostTable.ts'
import type { HostReport } from './host-report.ts'

/** What the objects of the fleet and its routes ask of one another beyond what rooms ask (edge/domain/ports.ts). */

export interface DispatcherFleetPort extends DispatcherPort {
  /** A MediaHost object's word on its connected host. Repeated at least every 30 s. */
  report(report: HostReport): Promise<void>
  /** This process of the host cannot be asked any more. Another one of the same host stays. */
  forget(host: { hostId: string; bootId: string }): Promise<void>
  /** Places in this dispatcher's region only. */
  placeHere(request: PlacementRequest): Promise<{ hostId: string } | null>
  /** What a sibling of the region has promised to hosts lately. */
  promised(promises: readonly HostPromise[]): Promise<void>
  /** All connected hosts of the region. */
  hosts(): Promise<HostReport[]>
  /** Asked of the region directory only: a region has hosts. */
  noteRegion(region: string): Promise<void>
  /** Asked of the region directory only: the regions that had hosts within the last day. */
  regions(): Promise<string[]>
}

export interface Enrolment {
  readonly hostId: string
  readonly region: string
  readonly name: string
  /** SHA-256 of the host key, base64url. */
  readonly keyHash: string
}

export interface MediaHostFleetPort extends MediaHostPort {
  /** False: the host is enrolled already, with another key. */
  enrol(enrolment: Enrolment): Promise<boolean>
  /** Whether this is the hash of the host's key. */
  hasKey(keyHash: string): Promise<boolean>
  /** An admin's wish. False: the host is not known. */
  drain(): Promise<boolean>
}

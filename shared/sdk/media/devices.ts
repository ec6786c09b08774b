import type { Unsubscribe } from '../api/events.ts'
import { RingwayError } from '../RingwayError.ts'

export interface Device {
  readonly deviceId: string
  readonly kind: 'microphone' | 'camera' | 'speaker'
  /** Empty until the user has allowed a device of this kind once. */
  readonly label: string
  /** Devices of one piece of hardware share it. */
  readonly groupId: string
}

const kinds = { audioinput: 'microphone', videoinput: 'camera', audiooutput: 'speaker' } as const

/** Microphones, cameras and speakers of this machine. Rejects with `mediaNotSupported` outside browsers and on pages without TLS. */
export async function listDevices(): Promise<Device[]> {
  const devices = await mediaDevices().enumerateDevices()
  return devices
    .filter((device) => device.deviceId !== '' || device.label !== '')
    .map(({ deviceId, kind, label, groupId }) => ({ deviceId, kind: kinds[kind], label, groupId }))
}

/** Tells when a device is plugged in or out. */
export function onDeviceChange(listener: () => void): Unsubscribe {
  const source = mediaDevices()
  source.addEventListener('devicechange', listener)
  return () => source.removeEventListener('devicechange', listener)
}

export function mediaDevices(): MediaDevices {
  const devices = typeof navigator === 'undefined' ? undefined : (navigator.mediaDevices as MediaDevices | undefined)
  if (devices === undefined) throw RingwayError.ofDevice('mediaNotSupported')
  return devices
}

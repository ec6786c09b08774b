import { Device, detectDeviceAsync, type types } from 'mediasoup-client'
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111'
import { Chrome74 } from 'mediasoup-client/handlers/Chrome74'
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120'
import { Safari12 } from 'mediasoup-client/handlers/Safari12'
import type { RtpCapabilities } from '#shared/protocol/media.ts'
import { RingwayError } from '../../RingwayError.ts'
import { capabilitiesForLibrary } from './for-library.ts'

const factories = { Chrome111, Chrome74, Firefox120, Safari12 } as const

let factory: Promise<types.HandlerFactory> | null = null

/** A device for a router. @throws RingwayError `mediaNotSupported` */
export async function deviceFor(routerRtpCapabilities: RtpCapabilities): Promise<Device> {
  const device = new Device({ handlerFactory: await handlerFactory() })
  await device.load({ routerRtpCapabilities: capabilitiesForLibrary(routerRtpCapabilities) })
  return device
}

/** Finds out what this browser can do, which takes two throw-away peer connections, before it is needed. */
export async function preloadCapabilities(): Promise<void> {
  const browser = await handlerFactory()
  await Promise.all([
    browser.getNativeRtpCapabilities({ direction: 'sendonly' }),
    browser.getNativeRtpCapabilities({ direction: 'recvonly' }),
  ])
}

/** mediasoup-client's factory for this browser, asking the browser for its capabilities only once. */
function handlerFactory(): Promise<types.HandlerFactory> {
  factory ??= detectDeviceAsync().then((name) => {
    if (name === undefined || name === 'ReactNative106') throw RingwayError.ofDevice('mediaNotSupported')
    return remembering(factories[name].createFactory({}))
  })
  return factory
}

function remembering(inner: types.HandlerFactory): types.HandlerFactory {
  const known = new Map<string, Promise<types.RtpCapabilities>>()
  return {
    ...inner,
    getNativeRtpCapabilities: async (options) => {
      const asked = known.get(options.direction) ?? inner.getNativeRtpCapabilities(options)
      known.set(options.direction, asked)
      asked.catch(() => known.delete(options.direction))
      // The library changes what it is given.
      return structuredClone(await asked)
    },
  }
}

import type { types } from 'mediasoup-client'
import type { RtpCapabilities, RtpParameters } from '#shared/protocol/media.ts'

/**
 * ORTC parameters as mediasoup-client types them. The protocol's schemas check the same shapes but leave
 * them loose, so that fields of a newer mediasoup pass through; the library validates what it is given.
 */
export function capabilitiesForLibrary(capabilities: RtpCapabilities): types.RtpCapabilities {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above.
  return capabilities as types.RtpCapabilities
}

export function parametersForLibrary(parameters: RtpParameters): types.RtpParameters {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above.
  return parameters as types.RtpParameters
}

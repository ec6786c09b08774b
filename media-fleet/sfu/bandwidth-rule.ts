/**
 * The bandwidth cap of one video source and its loss rule (SFU-3): the cap starts at its initial
 * value, is cut by a third of that on loss, never below one third, and goes up again by the same step.
 *
 *            2 lossy reports            2 lossy reports
 *   3/3 ───────────────────────▶ 2/3 ───────────────────────▶ 1/3
 *    ▲                            │▲                            │
 *    └────────────────────────────┘└────────────────────────────┘
 *          5 clean reports               5 clean reports
 *
 * What counts as loss follows the loss-based controller of Google Congestion Control
 * (draft-ietf-rmcat-gcc-02 §6): above 10 % the rate is too high, below 2 % there is room, between the
 * two it stays. One report alone decides nothing, as a burst in one interval says little.
 */
export interface BandwidthState {
  /** Bits per second. */
  readonly initial: number
  /** Thirds of the initial cap: 3, 2 or 1. */
  readonly thirds: number
  readonly lossyReports: number
  readonly cleanReports: number
}

/** What arrived and what did not in the interval since the report before. */
export interface LossReport {
  readonly received: number
  readonly lost: number
}

const lossyAbove = 0.1
const cleanBelow = 0.02
const lossyReportsToCut = 2
const cleanReportsToRaise = 5
/** Reports of fewer packets say nothing: the source is paused or has only just begun. */
const leastPackets = 20

const wholeThirds = 3

export function startBandwidth(initial: number): BandwidthState {
  return { initial, thirds: wholeThirds, lossyReports: 0, cleanReports: 0 }
}

/** Bits per second that the source may send now. */
export function currentCap(state: BandwidthState): number {
  return Math.floor((state.initial * state.thirds) / wholeThirds)
}

/** The state after one more report. */
export function afterReport(state: BandwidthState, report: LossReport): BandwidthState {
  const packets = report.received + report.lost
  if (packets < leastPackets) return state
  const fraction = report.lost / packets
  if (fraction > lossyAbove) return afterLossy(state)
  if (fraction < cleanBelow) return afterClean(state)
  return { ...state, lossyReports: 0, cleanReports: 0 }
}

/** The state under another initial cap: as many thirds of it. */
export function withInitial(state: BandwidthState, initial: number): BandwidthState {
  return { ...state, initial }
}

function afterLossy(state: BandwidthState): BandwidthState {
  const lossyReports = state.lossyReports + 1
  if (lossyReports < lossyReportsToCut) return { ...state, lossyReports, cleanReports: 0 }
  return { ...state, thirds: Math.max(1, state.thirds - 1), lossyReports: 0, cleanReports: 0 }
}

function afterClean(state: BandwidthState): BandwidthState {
  const cleanReports = state.cleanReports + 1
  if (cleanReports < cleanReportsToRaise) return { ...state, cleanReports, lossyReports: 0 }
  return { ...state, thirds: Math.min(wholeThirds, state.thirds + 1), lossyReports: 0, cleanReports: 0 }
}

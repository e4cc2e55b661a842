import { paint } from '../terminal.ts';

/** What a station found, for --json: plain figures. */
export type Figures = Record<string, unknown>;

export interface StationReport {
  station: string;
  seconds: number;
  figures: Figures;
}

/** Shows the demo's stations as they go: text for people on stderr, or one JSON line a station on stdout. */
export interface Stage {
  /** Runs a station; `say` adds lines below its title. */
  station(name: string, title: string, run: (say: (text: string) => void) => Promise<Figures>): Promise<Figures>;
  readonly reports: readonly StationReport[];
  /** A line outside the stations. */
  note(text: string): void;
  /** All that was shown, as it was shown. */
  text(): string;
}

export function demoStage(json: boolean, signal: AbortSignal): Stage {
  const reports: StationReport[] = [];
  let shown = '';
  const show = (text: string) => {
    if (json) return;
    shown += `${text}\n`;
    process.stderr.write(`${text}\n`);
  };
  const say = (text: string) => show(text.replace(/^/gm, '   '));
  return {
    reports,
    note: (text) => show(paint('dim', `   ${text}`)),
    text: () => shown,
    async station(station, title, run) {
      signal.throwIfAborted();
      const number = String(reports.length + 1);
      show(`\n${paint(['bold', 'cyan'], `${number}  ${title}`)}`);
      const began = performance.now();
      const figures = await run(say);
      const report = { station, seconds: Math.round(performance.now() - began) / 1000, figures };
      reports.push(report);
      if (json) process.stdout.write(`${JSON.stringify({ station, seconds: report.seconds, ...figures })}\n`);
      show(paint('dim', `   ${report.seconds.toFixed(1)} s`));
      return figures;
    },
  };
}

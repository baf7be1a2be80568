// The lines that CloudWatch would have dropped, by function and broken rule: one that is printed with every
// invocation is one complaint.

export type Complaint = {
  readonly function: string;
  readonly complaint: string;
  readonly lines: number;
  /** Its beginning. */
  readonly latest_line: string;
};

const maxComplaints = 100;
const maxShownLength = 500;

export class Complaints {
  /** Those with the oldest latest line first. */
  private readonly byRule = new Map<string, Complaint>();

  add(label: string, complaint: string, line: string): void {
    const key = JSON.stringify([label, complaint]);
    const lines = (this.byRule.get(key)?.lines ?? 0) + 1;
    this.byRule.delete(key);
    this.byRule.set(key, { function: label, complaint, lines, latest_line: line.slice(0, maxShownLength) });
    const [oldest] = this.byRule.keys();
    if (oldest !== undefined && this.byRule.size > maxComplaints) this.byRule.delete(oldest);
  }

  list(): readonly Complaint[] {
    return [...this.byRule.values()];
  }
}

import { Component, type ComponentChildren } from 'preact';
import { ProblemNote } from '../ui/problem-note.tsx';

/** A page that can't be shown (or whose code can't be loaded, after a release) says so, and leaves the others alone. */
export class Failures extends Component<{ readonly children: ComponentChildren }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  override componentDidCatch(error: unknown): void {
    this.setState({ error });
    reportError(error); // for whoever looks into the browser's console
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return <ProblemNote error={this.state.error} retry={() => location.reload()} />;
  }
}

import { button, element } from '../../shared/dom';
import { onFileDropped, readPageFile } from '../../shared/page-files';
import { provenancePanel } from '../../shared/provenance';
import { problem } from '../../shared/start';
import { LensRun } from '../model/lens-run';
import { differenceWords, runWords } from '../model/words';
import { type LensView } from '../view';
import { runFacts } from './run-facts';

/** Which runs are shown and where they came from; opens another page to compare with. */
export class RunsPanel {
    readonly node = element('section', { class: 'runs', 'aria-label': 'Runs and their provenance' });
    private readonly said = element('div', {});
    private readonly runs = element('div', {});
    private readonly file;
    private shown: readonly (LensRun | null)[] = [];

    constructor(private readonly view: LensView) {
        this.file = element('input', {
            type: 'file',
            accept: '.html,.htm',
            class: 'offscreen',
            tabindex: -1,
            'aria-label': 'Another page',
            onchange: () => this.chosen(),
        });
        onFileDropped((file) => void this.open(file));
        this.node.append(element('h2', {}, 'Runs'), this.runs, this.said, this.file);
    }

    update(): void {
        const { first, second } = this.view;
        if (this.shown[0] === first && this.shown[1] === second) {
            return;
        }
        this.shown = [first, second];
        const isTwo = second !== null;
        this.runs.replaceChildren(
            element('p', {}, `${isTwo ? 'First run' : 'This run'}: ${runWords(first)}`),
            runFacts(first),
            ...(second === null
                ? []
                : [
                      element('p', {}, `Second run: ${runWords(second)}`),
                      runFacts(second),
                      element('p', {}, differenceWords(first, second)),
                  ]),
            element(
                'p',
                { class: 'row' },
                button(isTwo ? 'Compare with another page…' : 'Compare with a page…', () => this.file.click()),
                isTwo ? button('Take the second run away', () => this.view.setSecond(null)) : null,
            ),
            provenancePanel(isTwo ? 'Provenance of the first run' : 'Provenance', first.provenance),
            ...(second === null ? [] : [provenancePanel('Provenance of the second run', second.provenance)]),
        );
    }

    private chosen(): void {
        const file = this.file.files?.[0];
        this.file.value = '';
        if (file !== undefined) {
            void this.open(file);
        }
    }

    private async open(file: File): Promise<void> {
        try {
            const [run, ...more] = await readPageFile(file, 'lens');
            const rest =
                more.length === 0
                    ? null
                    : element(
                          'p',
                          { role: 'status' },
                          `${file.name} holds ${more.length + 1} runs; its first is shown.`,
                      );
            this.said.replaceChildren(...(rest === null ? [] : [rest]));
            if (run !== undefined) {
                this.view.setSecond(new LensRun(run));
            }
        } catch (failure) {
            this.said.replaceChildren(problem(failure));
        }
    }
}

import '../shared/page.css';
import { startPage } from '../shared/start';

void startPage('lens', (page, runs) => {
    page.append(String(runs.length));
});
